//! The process's environment, and the settings that a function finds there (contract.md §3 and §4):
//! where its state is, and where the platforms are.

use std::{collections::BTreeMap, path::PathBuf};

use outside::Origin;
use url::Url;

use crate::config::{
    Env, Problems,
    read::{
        problem::Report,
        values::{self, text},
    },
};

/// A variable of the process's environment. The only place that looks there.
#[expect(
    clippy::disallowed_methods,
    reason = "everything else gets its environment handed in"
)]
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Something a function works on, as `template.yaml` makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    AccessTable,
    TurnsTable,
    TurnQueue,
}

impl Need {
    /// Where its name or address is.
    pub fn variable(self) -> &'static str {
        match self {
            Self::AccessTable => "DARI_ACCESS_TABLE",
            Self::TurnsTable => "DARI_TURNS_TABLE",
            Self::TurnQueue => "DARI_TURN_QUEUE_URL",
        }
    }

    /// What provides it.
    pub fn resource(self) -> &'static str {
        match self {
            Self::AccessTable => "AccessTable",
            Self::TurnsTable => "TurnsTable",
            Self::TurnQueue => "TurnQueue",
        }
    }
}

/// Everything a function has to know before it reads its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name or address of each need.
    pub places: BTreeMap<Need, String>,
    /// Where the world reaches us; ends in `/`.
    pub public_url: Option<Url>,
    pub hosts: Hosts,
    pub on_lambda: bool,
    pub config_source: ConfigSource,
}

/// Where the configuration document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// The name of a secret in Secrets Manager.
    Secret(String),
    File(PathBuf),
}

/// The platforms. Every address ends in `/`: join it with a relative path.
#[derive(Clone, Debug)]
pub struct Hosts {
    pub kauth: Url,
    pub kapi: Url,
    pub bot_api: Url,
    pub kakaowork: Url,
    pub bizmessage: Url,
    /// Origins that callbacks and media may also have: those that were named, and that of a
    /// stand-in for `bot_api`.
    pub extra_origins: Vec<Origin>,
    /// A domain below which every host may take callbacks, should Kakao issue them elsewhere than
    /// on its one known host (skill.md §12).
    pub callback_domain: Option<String>,
}

impl Hosts {
    /// The platforms alone, for a run that brings its own tables and queue.
    pub fn from_env(env: Env<'_>) -> Result<Self, Problems> {
        let mut reader = Reader::new(env);
        let hosts = reader.hosts();
        Ok(reader.report.finish(hosts)?.0)
    }
}

impl Settings {
    /// Reports everything that is missing or wrong, under the name of its variable.
    pub fn from_env(needs: &[Need], env: Env<'_>) -> Result<Self, Problems> {
        let mut reader = Reader::new(env);
        let settings = reader.settings(needs);
        Ok(reader.report.finish(settings)?.0)
    }
}

struct Reader<'a> {
    env: Env<'a>,
    on_lambda: bool,
    report: Report,
}

impl<'a> Reader<'a> {
    fn new(env: Env<'a>) -> Self {
        let on_lambda = text(env("AWS_LAMBDA_FUNCTION_NAME")).is_some();
        Self {
            env,
            on_lambda,
            report: Report::default(),
        }
    }

    fn settings(&mut self, needs: &[Need]) -> Option<Settings> {
        let places = needs
            .iter()
            .filter_map(|need| Some((*need, self.required(*need)?)))
            .collect();
        let public_url = self
            .optional("DARI_PUBLIC_URL")
            .and_then(|text| self.address("DARI_PUBLIC_URL", &text));
        let hosts = self.hosts();
        let config_source = self.config_source();
        Some(Settings {
            places,
            public_url,
            hosts: hosts?,
            on_lambda: self.on_lambda,
            config_source: config_source?,
        })
    }

    fn hosts(&mut self) -> Option<Hosts> {
        let kauth = self.host("DARI_KAUTH_URL", "https://kauth.kakao.com");
        let kapi = self.host("DARI_KAPI_URL", "https://kapi.kakao.com");
        let bot_api = self.host("DARI_BOT_API_URL", "https://bot-api.kakao.com");
        let kakaowork = self.host("DARI_KAKAOWORK_URL", "https://api.kakaowork.com");
        let bizmessage = self.host(
            "DARI_BIZMESSAGE_URL",
            "https://kakaotalk-bizmessage.api.nhncloudservice.com",
        );
        let mut extra_origins = self.extra_origins();
        let stand_in = self.optional("DARI_BOT_API_URL").and(bot_api.as_ref());
        extra_origins.extend(stand_in.map(Origin::of));
        let callback_domain = self.callback_domain();
        Some(Hosts {
            kauth: kauth?,
            kapi: kapi?,
            bot_api: bot_api?,
            kakaowork: kakaowork?,
            bizmessage: bizmessage?,
            extra_origins,
            callback_domain,
        })
    }

    fn callback_domain(&mut self) -> Option<String> {
        const NAME: &str = "DARI_CALLBACK_DOMAIN";
        let domain = self.optional(NAME)?;
        let labels = domain.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
        if !labels || !domain.contains('.') {
            self.report
                .problem(NAME, "must be a domain such as kakao.com");
        }
        Some(domain)
    }

    fn optional(&self, name: &str) -> Option<String> {
        text((self.env)(name))
    }

    fn required(&mut self, need: Need) -> Option<String> {
        let value = self.optional(need.variable());
        if value.is_none() {
            let resource = need.resource();
            let missing = format!("is not set; on AWS, {resource} of template.yaml provides it");
            self.report.problem(need.variable(), missing);
        }
        value
    }

    fn host(&mut self, name: &str, default: &str) -> Option<Url> {
        let text = self.optional(name);
        self.address(name, text.as_deref().unwrap_or(default))
    }

    fn address(&mut self, name: &str, text: &str) -> Option<Url> {
        let parsed = values::address(text).and_then(|mut url| match url.query() {
            Some(_) => Err("must not have a part after ?"),
            None if self.on_lambda && url.scheme() != "https" => {
                Err("must start with https:// on Lambda")
            }
            None => {
                if !url.path().ends_with('/') {
                    url.set_path(&format!("{}/", url.path()));
                }
                Ok(url)
            }
        });
        parsed
            .map_err(|wrong| self.report.problem(name, wrong))
            .ok()
    }

    fn extra_origins(&mut self) -> Vec<Origin> {
        const NAME: &str = "DARI_EXTRA_ORIGINS";
        let Some(written) = self.optional(NAME) else {
            return Vec::new();
        };
        if self.on_lambda {
            self.report.problem(
                NAME,
                "is for local runs and tests, and must not be set on Lambda",
            );
            return Vec::new();
        }
        let mut origins = Vec::new();
        for entry in written
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            match Origin::parse(entry) {
                Some(origin) => origins.push(origin),
                None => self.report.problem(
                    NAME,
                    "must be origins such as http://127.0.0.1:9911, with commas between them",
                ),
            }
        }
        origins
    }

    /// A function has its secret; a file is for local runs.
    fn config_source(&mut self) -> Option<ConfigSource> {
        let secret = self
            .optional("DARI_CONFIG_SECRET")
            .map(ConfigSource::Secret);
        let file = self
            .optional("DARI_CONFIG_FILE")
            .map(|path| ConfigSource::File(path.into()));
        let source = if self.on_lambda {
            secret.or(file)
        } else {
            file.or(secret)
        };
        if source.is_none() {
            self.report.problem(
                "DARI_CONFIG_SECRET",
                "is not set, and neither is DARI_CONFIG_FILE; on AWS, ConfigSecret of template.yaml provides it",
            );
        }
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: [Need; 3] = [Need::AccessTable, Need::TurnsTable, Need::TurnQueue];

    fn from(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let base = [
            ("DARI_ACCESS_TABLE", "access"),
            ("DARI_TURNS_TABLE", "turns"),
            ("DARI_TURN_QUEUE_URL", "https://sqs.example.com/1/turns"),
            ("DARI_CONFIG_SECRET", "dari/config"),
        ];
        let lookup = |name: &str| {
            let found = variables
                .iter()
                .chain(&base)
                .find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::from_env(&NEEDS, &lookup).map_err(|problems| problems.to_string())
    }

    #[test]
    fn the_platforms_are_kakaos_own_unless_something_else_is_set() {
        let settings = from(&[("DARI_KAPI_URL", "http://127.0.0.1:8788/emulator/kapi")]).unwrap();
        let hosts = &settings.hosts;
        let addresses = [
            &hosts.kauth,
            &hosts.kapi,
            &hosts.bot_api,
            &hosts.kakaowork,
            &hosts.bizmessage,
        ];
        assert_eq!(
            addresses.map(Url::as_str),
            [
                "https://kauth.kakao.com/",
                "http://127.0.0.1:8788/emulator/kapi/",
                "https://bot-api.kakao.com/",
                "https://api.kakaowork.com/",
                "https://kakaotalk-bizmessage.api.nhncloudservice.com/",
            ]
        );
        assert_eq!(
            hosts.kapi.join("v2/user/me").unwrap().as_str(),
            "http://127.0.0.1:8788/emulator/kapi/v2/user/me"
        );
        assert_eq!(
            settings.config_source,
            ConfigSource::Secret("dari/config".to_owned())
        );
        assert!(!settings.on_lambda);
    }

    #[test]
    fn extra_origins_are_a_list_for_local_runs() {
        let settings = from(&[(
            "DARI_EXTRA_ORIGINS",
            "http://127.0.0.1:9911, HTTP://LocalHost:80/,",
        )])
        .unwrap();
        let origins: Vec<_> = settings
            .hosts
            .extra_origins
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(origins, ["http://127.0.0.1:9911", "http://localhost"]);
    }

    #[test]
    fn a_stand_in_for_the_bot_api_is_an_extra_origin() {
        let settings = from(&[("DARI_BOT_API_URL", "http://127.0.0.1:9911/emulator")]).unwrap();
        let origin = Origin::parse("http://127.0.0.1:9911").unwrap();
        assert_eq!(settings.hosts.extra_origins, [origin]);
        assert_eq!(from(&[]).unwrap().hosts.extra_origins, []);
    }

    #[test]
    fn callbacks_on_other_hosts_of_a_domain_are_let_through_if_it_is_set() {
        assert_eq!(from(&[]).unwrap().hosts.callback_domain, None);
        let wider = from(&[("DARI_CALLBACK_DOMAIN", "kakao.com")]).unwrap();
        assert_eq!(wider.hosts.callback_domain.as_deref(), Some("kakao.com"));
        assert!(from(&[("DARI_CALLBACK_DOMAIN", "com")]).is_err());
    }

    #[test]
    fn everything_missing_is_reported_at_once() {
        let problems = Settings::from_env(&NEEDS, &|name| {
            (name == "DARI_TURNS_TABLE").then(|| "  ".to_owned())
        });
        insta::assert_snapshot!(problems.unwrap_err(), @r#"
        DARI_ACCESS_TABLE: is not set; on AWS, AccessTable of template.yaml provides it
        DARI_CONFIG_SECRET: is not set, and neither is DARI_CONFIG_FILE; on AWS, ConfigSecret of template.yaml provides it
        DARI_TURNS_TABLE: is not set; on AWS, TurnsTable of template.yaml provides it
        DARI_TURN_QUEUE_URL: is not set; on AWS, TurnQueue of template.yaml provides it
        "#);
    }

    #[test]
    fn on_lambda_only_https_is_accepted_and_no_extra_origins() {
        let problems = from(&[
            ("AWS_LAMBDA_FUNCTION_NAME", "skill-webhook"),
            ("DARI_KAPI_URL", "http://kapi.kakao.com"),
            ("DARI_KAUTH_URL", "https://user:secret@kauth.kakao.com"),
            ("DARI_BOT_API_URL", "bot-api.kakao.com"),
            ("DARI_PUBLIC_URL", "http://dari.example.com"),
            (
                "DARI_KAKAOWORK_URL",
                "https://api.kakaowork.com/?token=secret",
            ),
            ("DARI_EXTRA_ORIGINS", "https://evil.example.com"),
        ]);
        insta::assert_snapshot!(problems.unwrap_err(), @r#"
        DARI_BOT_API_URL: must be a whole address, such as https://agent.example.com
        DARI_EXTRA_ORIGINS: is for local runs and tests, and must not be set on Lambda
        DARI_KAKAOWORK_URL: must not have a part after ?
        DARI_KAPI_URL: must start with https:// on Lambda
        DARI_KAUTH_URL: must not hold a user or password
        DARI_PUBLIC_URL: must start with https:// on Lambda
        "#);
    }

    #[test]
    fn a_function_reads_its_secret_and_a_laptop_its_file() {
        let both = [("DARI_CONFIG_FILE", "dari.json5")];
        assert_eq!(
            from(&both).unwrap().config_source,
            ConfigSource::File("dari.json5".into())
        );
        let on_lambda = from(&[both[0], ("AWS_LAMBDA_FUNCTION_NAME", "f")]).unwrap();
        assert_eq!(
            on_lambda.config_source,
            ConfigSource::Secret("dari/config".to_owned())
        );
    }
}
