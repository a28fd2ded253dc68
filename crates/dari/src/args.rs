//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, builder::NonEmptyStringValueParser};
use clap_complete::Shell;

/// Joins an AI agent to KakaoTalk; KakaoWork follows.
///
/// `dari dev` starts everything on this machine; the other commands talk to it from the same
/// directory, or to a stack on AWS.
#[derive(Debug, Parser)]
#[command(name = "dari", version, max_term_width = 100, arg_required_else_help = true, after_help = EXAMPLE)]
pub(crate) struct Args {
    /// Work on the `dari dev` of this directory, never on a deployed stack
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Work on this stack on AWS; `DARI_STACK` asks for the same [default: the `dari dev` of this
    /// directory if it runs, else `dari` if an AWS region is set]
    #[arg(long, global = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) stack: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLE: &str = "\
Try it:
  dari dev                            in one terminal
  dari say \"안녕하세요\"                 in another: you are asked to be approved
  dari pairing list                   shows who waits, and the code
  dari pairing approve kakao CODE     lets them in
  dari say \"안녕하세요\"                 now the agent answers

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the whole bundle on this machine: functions, tables, queue, Kakao emulator
    Dev(DevArgs),
    /// Say something to the bot as a KakaoTalk user would, and print what comes back
    Say(SayArgs),
    /// Check a configuration; store it on AWS or fetch it from there; print its JSON Schema
    #[command(subcommand)]
    Config(ConfigCommand),
    /// See who wants in, and decide
    #[command(subcommand)]
    Pairing(PairingCommand),
    /// See how the channels are
    #[command(subcommand)]
    Channels(ChannelsCommand),
    /// See whether an agent answers
    #[command(subcommand)]
    Agents(AgentsCommand),
    /// Make the secrets that a configuration needs
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell that reads it
        shell: Shell,
        #[command(flatten)]
        nowhere: Nowhere,
    },
}

/// Hides `--local` and `--stack` from the help of a command for which they mean nothing. They are
/// read as everywhere, and a stack is refused with a reason.
#[derive(Debug, ClapArgs)]
pub(crate) struct Nowhere {
    #[arg(long, hide = true)]
    local: bool,
    #[arg(long, hide = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    stack: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Print a fresh secret of 32 random bytes: a skillKey, or one of `keys`
    New {
        /// One that signs the calls to an agent of the kind `webhook` (`whsec_…`)
        #[arg(long)]
        webhook: bool,
        #[command(flatten)]
        nowhere: Nowhere,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DevArgs {
    /// Port to listen on, on 127.0.0.1 [default: webhookPort of the configuration, else 8788]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Configuration to use; without one, .dari/config.json5 is made (echo agent, pairing)
    #[arg(long, value_name = "FILE", env = "DARI_CONFIG_FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Keep conversations and approvals in this directory between runs [default: .dari/data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Delete what earlier runs kept, and start anew
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Answer with this agent instead of the configured one: `echo`, or the address of an OpenClaw
    /// gateway or an OpenAI-compatible endpoint (its token in DARI_AGENT_TOKEN)
    #[arg(long, value_name = "echo|URL")]
    pub(crate) agent: Option<String>,
    /// Keep the tables reachable on this port of 127.0.0.1, for `cargo lambda watch` and
    /// `aws dynamodb --endpoint-url`
    #[arg(long, value_name = "PORT")]
    pub(crate) dynamodb_port: Option<u16>,
    /// Leave the Kakao emulator out, for a bot of your own behind a tunnel
    #[arg(long)]
    pub(crate) no_emulator: bool,
    #[command(flatten)]
    nowhere: Nowhere,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SayArgs {
    /// What to say
    pub(crate) text: String,
    /// The bot to talk to
    #[arg(long, default_value = "default", value_name = "A")]
    pub(crate) account: String,
    /// Who is talking: each name is another person
    #[arg(long, default_value = "me", value_name = "U")]
    pub(crate) user: String,
    /// Say it in a group chat of this name
    #[arg(long, value_name = "R")]
    pub(crate) room: Option<String>,
    /// As if the block had no callback: the bot has five seconds, and no more
    #[arg(long)]
    pub(crate) no_callback: bool,
    /// Print the whole exchange as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    nowhere: Nowhere,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every problem of a configuration with its JSON path
    Check {
        /// The file to check [default: the configuration `dari dev` would use]
        #[arg(env = "DARI_CONFIG_FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        nowhere: Nowhere,
    },
    /// Check a configuration, fill in its variables, and store it in the secret of a deployed stack
    ///
    /// If it has no `keys`, those in the secret are kept; if there are none either, fresh ones are
    /// made.
    Push {
        /// The file to store [default: the configuration `dari dev` would use]
        #[arg(env = "DARI_CONFIG_FILE")]
        file: Option<PathBuf>,
        /// Store it even if it lacks sealing keys that the stored one has: what they sealed is
        /// lost, and whoever had such a conversation is asked to try again until it expires, up to
        /// 30 days
        #[arg(long)]
        drop_old_keys: bool,
        /// Store it even if nobody would be answered by it
        #[arg(long)]
        force: bool,
    },
    /// Print what the secret of a deployed stack holds, secrets included, or write it to a file
    Pull {
        /// Where to; only you will be able to read it [default: standard output]
        file: Option<PathBuf>,
        /// The version before the one in force
        #[arg(long)]
        previous: bool,
        /// Write over a file that is there
        #[arg(long, requires = "file")]
        force: bool,
    },
    /// Print the JSON Schema, for an editor
    Schema {
        #[command(flatten)]
        nowhere: Nowhere,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PairingCommand {
    /// Who waits to be let in
    List {
        /// Only this channel
        channel: Option<String>,
        /// Only this account
        #[arg(long, value_name = "A")]
        account: Option<String>,
        /// List who has been approved instead, with the notes
        #[arg(long)]
        approved: bool,
        /// Print everything as JSON, whole ids included
        #[arg(long)]
        json: bool,
    },
    /// Let the sender with this code in
    Approve {
        /// Channel and code; the code alone does where one channel pairs
        #[arg(num_args = 1..=2, value_names = ["CHANNEL", "CODE"], required = true)]
        channel_and_code: Vec<String>,
        /// Only if the code belongs to this account
        #[arg(long, value_name = "A")]
        account: Option<String>,
        /// A note for yourself: who this is
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Tell them that they are in; on KakaoTalk Dari cannot write first yet, and says so
        #[arg(long)]
        notify: bool,
    },
    /// Drop a request without letting its sender in; they may ask again
    Dismiss {
        /// The channel they wrote on
        channel: String,
        /// The ID that `pairing list` shows, or its beginning
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Only if the request belongs to this account
        #[arg(long, value_name = "A")]
        account: Option<String>,
    },
    /// Take an approval back
    Revoke {
        /// The channel they write on
        channel: String,
        /// The sender that `pairing list --approved` shows, its beginning, or the note
        sender: String,
        /// Only the approval for this account
        #[arg(long, value_name = "A")]
        account: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelsCommand {
    /// One line per account
    Status {
        /// Also call the webhook and the agent
        #[arg(long)]
        probe: bool,
        /// Print everything as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentsCommand {
    /// Ask an agent one question, and print what it is, what it says and how long it took
    ///
    /// Works on the configuration of the running `dari dev`, on that of this directory if none
    /// runs, or on a deployed stack.
    Test(AgentTestArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AgentTestArgs {
    /// Its name under `agents` [default: the one that answers the default account]
    pub(crate) name: Option<String>,
    /// What to ask
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "안녕하세요? 한 문장으로 자기소개를 해 주세요."
    )]
    pub(crate) message: String,
    /// How long to wait [default: as long as people do]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
