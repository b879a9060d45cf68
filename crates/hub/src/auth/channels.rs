//! The claim `channels`: which channels a token opens, and how.

use std::collections::HashMap;

use live_dashboard_protocol::name::ChannelName;
use serde_json::value::RawValue;

use super::error::TokenError;
use super::object::{Object, chosen_key, invalid};

mod pattern;

use pattern::{Key, Pattern};

/// The most `#regex:` keys of one token. Each holds memory for as long as the
/// connection lives (see [`super::go_regex`]); this is the hub's own bound.
pub const MAX_REGEXES: usize = 32;

/// What a token grants on which channels; nothing, where it has no such claim.
#[derive(Debug, Clone, Default)]
pub struct ChannelGrants {
    exact: HashMap<ChannelName, Directives>,
    patterns: Vec<(Pattern, Directives)>,
    aliases: HashMap<ChannelName, ChannelName>,
    /// In the order of the token.
    auto_subscribe: Vec<ChannelName>,
}

/// The channel that a client means by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The channel's real name.
    pub channel: ChannelName,
    /// The token's other name for it.
    pub alias: Option<String>,
}

/// What a token allows on one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permissions {
    /// It may be subscribed to.
    pub subscribe: bool,
    /// A subscription is left out of the channel's count.
    pub omit_from_sub_count: bool,
    /// The oldest stored message that may be listed, in seconds since the Unix
    /// epoch; 0 for all. Without it, only what came after the subscription.
    pub history_start: Option<f64>,
    /// The token's other name for the channel.
    pub alias: Option<String>,
}

/// What one key says. A boolean that it does not mention is `None`, so that an
/// explicit `false` can be told apart.
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
            let key = Key::parse(key).map_err(|error| invalid(&path, error.to_string()))?;
            match key {
                Key::Exact(channel) => {
                    grants.add_alias(&channel, &directives, &path)?;
                    if directives.auto_subscribe == Some(true) {
                        auto_subscribe.push(channel.clone());
                    }
                    grants.exact.insert(channel, directives);
                }
                Key::Pattern(pattern) => {
                    directives.check_on_pattern(&path)?;
                    regexes += usize::from(pattern.is_regex());
                    if regexes > MAX_REGEXES {
                        let rule = format!("must not have more than {MAX_REGEXES} regexes");
                        return Err(invalid("channels", rule));
                    }
                    grants.patterns.push((pattern, directives));
                }
            }
        }
        auto_subscribe.retain(|channel| grants.says(channel).auto_subscribes());
        grants.auto_subscribe = auto_subscribe;
        Ok(grants)
    }

    /// The channel that is meant by `requested`: an alias, unless it is also a
    /// key of the token; else the name itself, granted or not. `None` where it
    /// is no channel name at all.
    pub fn resolve(&self, requested: &str) -> Option<Resolved> {
        let name = ChannelName::new(requested).ok()?;
        let channel = match self.aliases.get(&name) {
            Some(channel) if !self.exact.contains_key(&name) => channel.clone(),
            _ => name,
        };
        let alias = self.alias(&channel);
        Some(Resolved { channel, alias })
    }

    /// What the token allows on a channel, by its real name.
    pub fn permissions(&self, channel: &ChannelName) -> Permissions {
        let says = self.says(channel);
        Permissions {
            subscribe: says.subscribes(),
            omit_from_sub_count: says.omit_from_sub_count == Some(true),
            history_start: says.history_start,
            alias: self.alias(channel),
        }
    }

    /// The channels that a connection is subscribed to from its start, in the
    /// order of the token.
    pub fn auto_subscribe(&self) -> impl Iterator<Item = &ChannelName> {
        self.auto_subscribe.iter()
    }

    fn add_alias(
        &mut self,
        channel: &ChannelName,
        directives: &Directives,
        path: &str,
    ) -> Result<(), TokenError> {
        let Some(alias) = &directives.alias else {
            return Ok(());
        };
        match self.aliases.insert(alias.clone(), channel.clone()) {
            None => Ok(()),
            Some(_) => Err(invalid(
                &format!("{path}.alias"),
                "must not be the alias of another channel too",
            )),
        }
    }

    fn alias(&self, channel: &ChannelName) -> Option<String> {
        let alias = self.exact.get(channel)?.alias.as_ref()?;
        Some(alias.to_string())
    }

    /// What all keys that match a channel say together.
    fn says(&self, channel: &ChannelName) -> Directives {
        let patterns = self
            .patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches(channel.as_str()))
            .map(|(_, directives)| directives);
        let mut together = Directives::default();
        for directives in patterns {
            together.history_start = latest(together.history_start, directives.history_start);
            together.add_booleans(directives);
        }
        if let Some(exact) = self.exact.get(channel) {
            together.history_start = exact.history_start.or(together.history_start);
            together.add_booleans(exact);
        }
        together
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
        let rule = "must not stand on a pattern";
        if self.auto_subscribe == Some(true) {
            return Err(invalid(&format!("{path}.autoSubscribe"), rule));
        }
        if self.alias.is_some() {
            return Err(invalid(&format!("{path}.alias"), rule));
        }
        Ok(())
    }

    fn add_booleans(&mut self, other: &Self) {
        self.subscribe = both(self.subscribe, other.subscribe);
        self.auto_subscribe = both(self.auto_subscribe, other.auto_subscribe);
        self.omit_from_sub_count = both(self.omit_from_sub_count, other.omit_from_sub_count);
    }

    /// `autoSubscribe` alone grants what it does, as in Hotsock.
    fn subscribes(&self) -> bool {
        self.subscribe.unwrap_or(self.auto_subscribe == Some(true))
    }

    fn auto_subscribes(&self) -> bool {
        self.auto_subscribe == Some(true) && self.subscribes()
    }
}

/// An explicit `false` wins, then an explicit `true`.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a && b),
        (a, b) => a.or(b),
    }
}

fn latest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests;
