//! What only a person asks for about a rule: where its format is documented, its examples, what a context looks for.
//!
//! The build packs it into one compressed text, `unleak rules` and the tests unpack it: scanning never does. The trap:
//! compiled by the build script too.

use super::rulefile::RuleSource;

/// Ends a rule.
const RULE: char = '\x1d';
/// Ends a field.
const FIELD: char = '\x1e';
/// Stands between the items of a field.
const ITEM: char = '\x1f';

/// One rule's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Where its format is documented.
    pub source: String,
    /// The services that its file covers.
    pub services: Vec<String>,
    /// Shapes of what it finds.
    pub examples: Vec<String>,
    /// Shapes of what it must not find.
    pub counter_examples: Vec<String>,
    /// Words, one of which must stand near (contexts).
    pub words: Vec<String>,
    /// Words, one of which the name must contain (contexts), or names of files.
    pub names: Vec<String>,
    /// Names of files that do not count.
    pub except: Vec<String>,
    /// The value's character set and lengths (contexts).
    pub form: String,
    /// Ids that it had before.
    pub former: Vec<String>,
}

impl Details {
    /// Takes them from a rule as its author wrote it.
    #[must_use]
    pub fn of(rule: &RuleSource) -> Self {
        let mut details = Self {
            source: rule.source.clone(),
            services: rule.services.clone(),
            examples: rule.examples.clone(),
            counter_examples: rule.counter_examples.clone(),
            former: rule.former.clone(),
            ..Self::default()
        };
        if let Some(context) = &rule.context {
            let lengths: Vec<String> = context
                .lengths
                .iter()
                .map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") })
                .collect();
            details.form = format!("{} of {}", lengths.join(" or "), context.charset);
            details.words.clone_from(&context.services);
            details.names.clone_from(&context.names);
            details.examples.extend(context.shapes());
        }
        if let Some(file) = &rule.file {
            details.names = file.names.iter().map(super::rulefile::NamePattern::text).collect();
            details.except = file.except.iter().map(super::rulefile::NamePattern::text).collect();
        }
        details
    }

    /// One text of all rules, in their order.
    #[must_use]
    pub fn pack(rules: &[RuleSource]) -> String {
        let mut text = String::new();
        for rule in rules {
            let own = Self::of(rule);
            let lists = [
                &own.services,
                &own.examples,
                &own.counter_examples,
                &own.words,
                &own.names,
                &own.except,
                &own.former,
            ];
            text.push_str(&own.source);
            text.push(FIELD);
            text.push_str(&own.form);
            for list in lists {
                text.push(FIELD);
                text.push_str(&list.join(&ITEM.to_string()));
            }
            text.push(RULE);
        }
        text
    }

    /// The inverse of [`Details::pack`].
    #[must_use]
    pub fn unpack(text: &str) -> Vec<Self> {
        text.split_terminator(RULE)
            .map(|rule| {
                let mut fields = rule.split(FIELD);
                let mut text = || fields.next().unwrap_or_default();
                let (source, form) = (text().to_owned(), text().to_owned());
                let mut list = || -> Vec<String> {
                    text().split(ITEM).filter(|item| !item.is_empty()).map(str::to_owned).collect()
                };
                Self {
                    source,
                    form,
                    services: list(),
                    examples: list(),
                    counter_examples: list(),
                    words: list(),
                    names: list(),
                    except: list(),
                    former: list(),
                }
            })
            .collect()
    }
}
