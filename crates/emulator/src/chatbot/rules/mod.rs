//! What an answer must look like (skill.md §4, §5, §7, §8), checked field by field.
//!
//! What a broken rule leads to is one of two things: the platform throws the whole answer away, or
//! shows it with something cut or left out. Where the reference leaves open which, too many items
//! and missing fields throw it away, and too long a text is cut. Lengths are counted in UTF-16
//! units (§4.2).

mod broken;
mod bubble;
mod card;
mod carousel;
mod check;
mod envelope;
mod item_card;
mod list_card;
mod node;
mod parts;
mod setting;
#[cfg(test)]
mod tests;
mod validation;

pub(crate) use broken::refused;
pub use broken::{BrokenRule, Severity};
pub(crate) use check::utf16_len;
pub(crate) use envelope::{Kind, read};
use serde_json::Value;
pub(crate) use setting::{Setting, Slot};
pub(crate) use validation::read_validation;

/// Judges an answer of a skill or the body of a callback without a platform around it: every rule
/// that it breaks, in a group chat room or in the channel's own chat. An answer that breaks none is
/// shown as it is.
///
/// Stricter than the platform in the chat: fields that the reference does not have are named as
/// `unknown-field`, and a list item with both a link and an action as `link-or-action`. The bot's
/// blocks are not known, so any block id passes; a promise of a callback is taken to be allowed.
///
/// ```
/// let answer = serde_json::json!({
///     "version": "2.0",
///     "template": {"outputs": [{"basicCard": {"title": "no thumbnail"}}]},
/// });
/// let broken = emulator::chatbot::rules::judge(&answer, false);
/// assert_eq!(broken[0].rule, "thumbnail-2461");
/// assert_eq!(broken[0].at, "$.template.outputs[0].basicCard.thumbnail");
/// ```
pub fn judge(answer: &Value, group: bool) -> Vec<BrokenRule> {
    let setting = Setting {
        group,
        slot: Slot::Given,
        strict: true,
        ..Setting::default()
    };
    read(answer, &setting).1
}
