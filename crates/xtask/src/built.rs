//! `check-build`: can what `sam build` left run where `sam deploy` puts it? Its template says for
//! which processor, the programs say for which they are made and what they want of the C library.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde_norway::Value;

use crate::repo;

/// The C library of `provided.al2023`: 2.34.
const NEWEST_GLIBC: u32 = 34;

/// A processor, as the template names it and as the head of a program does (ELF, `e_machine`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Processor {
    Arm64,
    X86_64,
}

impl Processor {
    fn named(name: &str) -> Result<Self> {
        match name {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86_64),
            other => bail!("Lambda has no processor {other:?}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    fn of(program: &[u8]) -> Result<Self> {
        let is_elf = program.starts_with(b"\x7fELF\x02\x01");
        ensure!(is_elf, "not a 64-bit program for Linux");
        match program.get(18..20) {
            Some([183, 0]) => Ok(Self::Arm64),
            Some([62, 0]) => Ok(Self::X86_64),
            other => bail!("made for a processor that Lambda does not have: {other:?}"),
        }
    }
}

/// `folder` is what `sam build` writes and `sam deploy` reads, from the root of the repository.
pub fn check(folder: &Path) -> Result<()> {
    let folder = repo::root()?.join(folder);
    let template = folder.join("template.yaml");
    let text = fs::read_to_string(&template)
        .with_context(|| format!("there is no {}: run `sam build` first", template.display()))?;
    for (function, found) in programs(&serde_norway::from_str(&text)?, &folder)? {
        found.with_context(|| format!("{function} must not be deployed"))?;
        println!("{function}: runs on what it is deployed to");
    }
    Ok(())
}

/// What is to be said of each function of a built template.
fn programs(template: &Value, folder: &Path) -> Result<Vec<(String, Result<()>)>> {
    let architectures = at(template, "Globals.Function.Architectures");
    let architecture = architectures
        .and_then(|all| all.as_sequence()?.first()?.as_str())
        .context("the template does not say for which processor it is")?;
    let wanted = Processor::named(architecture)?;
    let resources = at(template, "Resources").and_then(Value::as_mapping);
    let checked: Vec<_> = resources
        .context("the template has no resources")?
        .iter()
        .filter(|(_, it)| at(it, "Type").is_some_and(|kind| kind == "AWS::Serverless::Function"))
        .filter_map(|(name, function)| {
            let code = at(function, "Properties.CodeUri")?.as_str()?;
            let program = folder.join(code).join("bootstrap");
            let checked = fs::read(&program)
                .with_context(|| program.display().to_string())
                .and_then(|program| runs(&program, wanted));
            Some((name.as_str()?.to_owned(), checked))
        })
        .collect();
    ensure!(!checked.is_empty(), "the template has no function");
    Ok(checked)
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(value, |value, step| value.get(step))
}

fn runs(program: &[u8], wanted: Processor) -> Result<()> {
    let made_for = Processor::of(program)?;
    ensure!(
        made_for == wanted,
        "it is made for {}, and deployed to {}: build it again after `Architectures` in template.yaml is right",
        made_for.name(),
        wanted.name()
    );
    let glibc = newest_glibc(program);
    ensure!(
        glibc <= NEWEST_GLIBC,
        "it wants glibc 2.{glibc}, and Lambda has 2.{NEWEST_GLIBC}: build it with `sam build` and ziglang"
    );
    Ok(())
}

/// The minor version of the newest `GLIBC_2.x` that is named anywhere in the program.
fn newest_glibc(program: &[u8]) -> u32 {
    const MARK: &[u8] = b"GLIBC_2.";
    program
        .windows(MARK.len() + 2)
        .filter_map(|window| window.strip_prefix(MARK))
        .filter_map(|digits| {
            let digits: String = digits
                .iter()
                .map(|byte| char::from(*byte))
                .take_while(char::is_ascii_digit)
                .collect();
            digits.parse().ok()
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(machine: u8, wants: &str) -> Vec<u8> {
        let mut program = b"\x7fELF\x02\x01\x01".to_vec();
        program.resize(18, 0);
        program.extend([machine, 0]);
        program.extend(wants.as_bytes());
        program.push(0);
        program
    }

    /// What is said of a function with this program, deployed to this processor.
    fn said(architecture: &str, program: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("Webhook")).unwrap();
        fs::write(folder.path().join("Webhook/bootstrap"), program).unwrap();
        let template = format!(
            "{{Globals: {{Function: {{Architectures: [{architecture}]}}}}, Resources: {{Log: {{Type: AWS::Logs::LogGroup}}, \
             Webhook: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: Webhook}}}}}}}}"
        );
        let template = serde_norway::from_str(&template).unwrap();
        let mut said = programs(&template, folder.path()).unwrap();
        let (name, checked) = said.pop().unwrap();
        assert_eq!((name.as_str(), said.len()), ("Webhook", 0));
        checked.map_or_else(|error| error.to_string(), |()| "runs".to_owned())
    }

    #[test]
    fn a_program_is_deployed_to_the_processor_that_it_is_made_for_and_no_other() {
        assert_eq!(said("arm64", &program(183, "")), "runs");
        assert_eq!(said("x86_64", &program(62, "")), "runs");
        let refused = said("x86_64", &program(183, ""));
        assert!(
            refused.starts_with("it is made for arm64, and deployed to x86_64"),
            "{refused}"
        );
        let refused = said("arm64", &program(62, ""));
        assert!(
            refused.starts_with("it is made for x86_64, and deployed to arm64"),
            "{refused}"
        );
        assert!(said("arm64", b"#!/bin/sh").contains("not a 64-bit program"));
        assert!(said("arm64", &program(8, "")).contains("does not have"));
    }

    #[test]
    fn a_program_that_wants_a_newer_c_library_than_lambdas_is_not_deployed() {
        for fine in ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.17\0GLIBC_2.34"] {
            assert_eq!(said("arm64", &program(183, fine)), "runs", "{fine}");
        }
        let refused = said("arm64", &program(183, "GLIBC_2.9\0GLIBC_2.39\0GLIBC_2.17"));
        assert!(refused.starts_with("it wants glibc 2.39"), "{refused}");
    }

    #[test]
    fn a_template_that_does_not_say_its_processor_is_refused() {
        let template = "{Globals: {Function: {Architectures: [!Ref Architecture]}}, Resources: {}}";
        let template = serde_norway::from_str(template).unwrap();
        assert!(programs(&template, Path::new("nowhere")).is_err());
    }
}
