//! Every fuzz target over its committed corpus, so that what a fuzzer once found stays mended without a fuzzer.

use std::path::Path;

use unleak::fuzzing::{TARGETS, target};

#[test]
fn every_target_has_a_corpus_and_holds_on_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for folder in std::fs::read_dir(&corpus).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(target(&name).is_some(), "fuzz/corpus/{name} has no target in src/fuzzing.rs");
    }
    for target in TARGETS {
        let files = std::fs::read_dir(corpus.join(target.name));
        let files = files.unwrap_or_else(|error| panic!("fuzz/corpus/{}: {error}", target.name));
        let mut inputs = 0;
        for file in files {
            let path = file.unwrap().path();
            let data = std::fs::read(&path).unwrap();
            assert!(data.len() <= 4096, "{}: keep the corpus small", path.display());
            if let Err(panic) = std::panic::catch_unwind(|| (target.run)(&data)) {
                eprintln!("on {}", path.display());
                std::panic::resume_unwind(panic);
            }
            inputs += 1;
        }
        assert!(inputs > 0, "fuzz/corpus/{} is empty", target.name);
        // Whatever it is, it must be survived.
        for data in [&b""[..], b"\0", &[0xff; 300], b"\xEF\xBB\xBFx\r\ny"] {
            (target.run)(data);
        }
    }
}
