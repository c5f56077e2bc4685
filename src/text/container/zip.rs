//! Zip: the central directory says what there is, as every program that opens one believes it.

use std::io::Read;

use rawzip::{CompressionMethod, ZipArchive};

use super::super::budget::{Budget, Metered};
use super::{Visitor, compressed};

/// Method 93 of the specification (APPNOTE 6.3.10, 4.4.5), and 95.
const ZSTD: u16 = 93;
const XZ: u16 = 95;

pub(super) fn walk(bytes: &[u8], budget: &Budget, visitor: &mut dyn Visitor) -> Result<(), String> {
    let archive =
        ZipArchive::from_slice(bytes).map_err(|_| "its directory is missing or damaged".to_owned())?;
    let mut entries = archive.entries();
    let mut met = 0u64;
    loop {
        let entry = match entries.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(_) => return Err("its directory is damaged".to_owned()),
        };
        met += 1;
        if !budget.member() {
            return Ok(());
        }
        if entry.is_dir() {
            continue;
        }
        let path = entry.file_path();
        let name = path.as_ref();
        if entry.flags().is_encrypted() {
            budget.reach("encrypted members".to_owned());
            continue;
        }
        let Ok(member) = archive.get_entry(entry.wayfinder()) else {
            budget.reach("a member that does not stand where its directory says".to_owned());
            continue;
        };
        let data = member.data();
        match open(entry.compression_method(), data, budget) {
            Ok(mut content) => visitor.member(name, &mut content),
            Err(why) => budget.reach(why),
        }
        if budget.is_spent() {
            return Ok(());
        }
    }
    if met < archive.entries_hint() {
        return Err("its directory has fewer members than it says".to_owned());
    }
    Ok(())
}

fn open<'a>(
    method: CompressionMethod,
    data: &'a [u8],
    budget: &'a Budget,
) -> Result<Box<dyn Read + 'a>, String> {
    match method {
        CompressionMethod::STORE => Ok(Box::new(data)),
        CompressionMethod::DEFLATE => {
            Ok(Box::new(Metered::new(flate2::bufread::DeflateDecoder::new(data), budget)))
        }
        CompressionMethod::BZIP2 => Ok(Box::new(Metered::new(bzip2::bufread::BzDecoder::new(data), budget))),
        method if method.as_u16() == ZSTD => compressed::zstd(data, budget),
        method if method.as_u16() == XZ => Ok(compressed::xz(data, budget)),
        method => Err(format!("members that are compressed by method {}", method.as_u16())),
    }
}
