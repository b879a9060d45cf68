//! The claim `channels`: which channels a token opens, and how.

use std::collections::HashMap;

use live_dashboard_protocol::name::ChannelName;
use serde_json::value::RawValue;

use super::error::TokenError;
use super::object::{Object, chosen_key, invalid};

mod pattern;

use pattern::{Key, Pattern};

/// The most `#regex:` keys of one token: each costs memory as long as the
/// connection lives (see [`super::regex`]).
pub const MAX_REGEXES: usize = 32;

/// What a token grants on which channels; nothing if it has no such claim.
#[derive(Debug, Clone, Default)]
pub struct ChannelGrants {
    /// By name. A map would take more memory.
    exact: Vec<(ChannelName, Directives)>,
    patterns: Vec<(Pattern, Directives)>,
    aliases: HashMap<ChannelName, ChannelName>,
    /// In the order of the token.
    auto_subscribe: Vec<ChannelName>,
}

/// What a token allows on one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permissions {
    /// The channel may be subscribed to.
    pub subscribe: bool,
    /// The subscription is not counted.
    pub omit_from_sub_count: bool,
    /// The oldest stored message that may be listed, in seconds since the Unix
    /// epoch; 0 for all. If `None`, only messages after the subscription.
    pub history_start: Option<f64>,
    /// The token's alias for the channel.
    pub alias: Option<String>,
}

/// The value of one key. A directive that it does not contain is `None`: an
/// explicit `false` has precedence.
#[derive(Debug, Clone, Default)]
struct Directives {
    subscribe: Option<bool>,
    auto_subscribe: Option<bool>,
    omit_from_sub_count: Option<bool>,
    history_start: Option<f64>,
    alias: Option<ChannelName>,
}

impl ChannelGrants {
    /// Reads the claim.
    ///
    /// # Errors
    /// The first key or directive that breaks its rule.
    pub fn parse(claim: &RawValue) -> Result<Self, TokenError> {
        let mut grants = Self::default();
        let mut auto_subscribe = Vec::new();
        let mut regexes = 0;
        for (key, raw) in Object::at("channels", claim)?.entries() {
            let path = chosen_key("channels", key);
            let directives = Directives::parse(&Object::at(&path, raw)?)?;
            match Key::parse(key).map_err(|error| invalid(&path, error.to_string()))? {
                Key::Exact(channel) => {
                    if let Some(alias) = &directives.alias
                        && let Some(_) = grants.aliases.insert(alias.clone(), channel.clone())
                    {
                        let rule = "must not be the alias of another channel too";
                        return Err(invalid(&format!("{path}.alias"), rule));
                    }
                    if directives.auto_subscribe == Some(true) {
                        auto_subscribe.push(channel.clone());
                    }
                    grants.exact.push((channel, directives));
                }
                Key::Pattern(pattern) => {
                    directives.check_on_pattern(&path)?;
                    regexes += usize::from(pattern.is_regex());
                    grants.patterns.push((pattern, directives));
                    if regexes > MAX_REGEXES {
                        let rule = format!("must not contain more than {MAX_REGEXES} regexes");
                        return Err(invalid("channels", rule));
                    }
                }
            }
        }
        grants.exact.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        grants.exact.shrink_to_fit();
        auto_subscribe.retain(|channel| {
            let directives = grants.directives(channel);
            directives.auto_subscribe == Some(true) && directives.subscribes()
        });
        grants.auto_subscribe = auto_subscribe;
        Ok(grants)
    }

    /// The channel that a client means by `requested`: that of an alias, unless the
    /// alias is also a key of the token; else the name itself, granted or not.
    /// `None` if it is not a valid channel name.
    pub fn resolve(&self, requested: &str) -> Option<ChannelName> {
        let name = ChannelName::new(requested).ok()?;
        match (self.exact(&name), self.aliases.get(&name)) {
            // One allocation for each name.
            (Some((name, _)), _) => Some(name.clone()),
            (None, Some(channel)) => Some(channel.clone()),
            (None, None) => Some(name),
        }
    }

    /// What the token allows on a channel, by its real name.
    pub fn permissions(&self, channel: &ChannelName) -> Permissions {
        let directives = self.directives(channel);
        Permissions {
            subscribe: directives.subscribes(),
            omit_from_sub_count: directives.omit_from_sub_count == Some(true),
            history_start: directives.history_start,
            alias: directives.alias.map(String::from),
        }
    }

    /// The channels that a connection is subscribed to from its start, in the
    /// order of the token.
    pub fn auto_subscribe(&self) -> impl Iterator<Item = &ChannelName> {
        self.auto_subscribe.iter()
    }

    /// The key that is this name.
    fn exact(&self, name: &ChannelName) -> Option<&(ChannelName, Directives)> {
        let found = self.exact.binary_search_by(|(key, _)| key.cmp(name));
        found.ok().map(|index| &self.exact[index])
    }

    /// The directives of all keys that match a channel. The latest `historyStart`
    /// of the patterns holds, unless the channel's own key has one.
    fn directives(&self, channel: &ChannelName) -> Directives {
        let mut merged = Directives::default();
        for (pattern, directives) in &self.patterns {
            if pattern.matches(channel.as_str()) {
                merged.merge(directives);
            }
        }
        if let Some((_, exact)) = self.exact(channel) {
            merged.merge(exact);
            merged.history_start = exact.history_start.or(merged.history_start);
            merged.alias.clone_from(&exact.alias);
        }
        merged
    }
}

impl Directives {
    fn parse(object: &Object<'_>) -> Result<Self, TokenError> {
        let alias = object
            .string("alias")?
            .map(|alias| {
                ChannelName::new(&alias).map_err(|error| object.invalid("alias", error.to_string()))
            })
            .transpose()?;
        Ok(Self {
            subscribe: object.boolean("subscribe")?,
            auto_subscribe: object.boolean("autoSubscribe")?,
            omit_from_sub_count: object.boolean("omitFromSubCount")?,
            history_start: object.date("historyStart")?,
            alias,
        })
    }

    fn check_on_pattern(&self, path: &str) -> Result<(), TokenError> {
        let directive = match self {
            Self { alias: Some(_), .. } => "alias",
            _ if self.auto_subscribe == Some(true) => "autoSubscribe",
            _ => return Ok(()),
        };
        let rule = "is not allowed on a pattern";
        Err(invalid(&format!("{path}.{directive}"), rule))
    }

    fn merge(&mut self, other: &Self) {
        let and = |a: bool, b: bool| a && b;
        self.subscribe = merged(self.subscribe, other.subscribe, and);
        self.auto_subscribe = merged(self.auto_subscribe, other.auto_subscribe, and);
        self.omit_from_sub_count = merged(self.omit_from_sub_count, other.omit_from_sub_count, and);
        self.history_start = merged(self.history_start, other.history_start, f64::max);
    }

    /// `autoSubscribe` alone also grants the subscription, as in Hotsock.
    fn subscribes(&self) -> bool {
        self.subscribe.unwrap_or(self.auto_subscribe == Some(true))
    }
}

fn merged<T>(a: Option<T>, b: Option<T>, both: impl Fn(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests;
