//! A stack on AWS, found by the outputs of its template. When AWS refuses something, the message
//! says what to do about it.

use std::{collections::HashMap, time::Duration};

use aws_config::{
    SdkConfig, environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    profile::ProfileFileRegionProvider,
};
use aws_sdk_cloudformation::{error::ProvideErrorMetadata, types::Stack};
use aws_sdk_dynamodb::config::ProvideCredentials;
use shared::aws;

use crate::{asked::Asked, failure::Failure, secret::Secret};

/// The name that the README gives the stack.
pub(crate) const USUAL_NAME: &str = "dari";

/// Time limit of one call to AWS, from a laptop on a slow line.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Deployed {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) access_table: String,
    pub(crate) health_url: String,
    pub(crate) secret: Secret,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
}

impl Deployed {
    pub(crate) async fn find(name: &str) -> Result<Self, Failure> {
        let (sdk, region) = sign_in().await?;
        let stack = describe(&sdk, name, &region).await?;
        let mut outputs: HashMap<_, _> = stack
            .outputs()
            .iter()
            .filter_map(|output| Some((output.output_key()?, output.output_value()?)))
            .collect();
        let mut output = |key: &str| {
            let value = outputs.remove(key).map(str::to_owned);
            value.ok_or_else(|| {
                let status = stack.stack_status().map_or("unknown", |status| status.as_str());
                Failure::failed(format!(
                    "the stack {name} in {region} has no output {key} (its status is {status}): deploy Dari's template to it with `sam deploy`"
                ))
            })
        };
        Ok(Self {
            access_table: output("AccessTable")?,
            health_url: output("HealthUrl")?,
            secret: Secret::new(&sdk, output("ConfigSecret")?, region.clone()),
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            name: name.to_owned(),
            region,
        })
    }
}

/// The region that the environment or the profile names. The metadata of a virtual machine is not
/// asked: a laptop would wait for it in vain.
pub(crate) async fn region() -> Option<String> {
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new());
    let region = chain.region().await?.to_string();
    (!region.is_empty()).then_some(region)
}

async fn sign_in() -> Result<(SdkConfig, String), Failure> {
    let region = region().await.ok_or_else(|| {
        Failure::usage(
            "no AWS region is set: export AWS_REGION, or AWS_PROFILE with a region in it",
        )
    })?;
    let sdk = aws::sdk_settings(PATIENCE)
        .region(aws_config::Region::new(region.clone()))
        .load()
        .await;
    let signed_in = match sdk.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.map_err(drop),
        None => Err(()),
    };
    signed_in.map_err(|()| {
        Failure::usage(
            "no AWS credentials: sign in with `aws login`, `aws sso login` or `aws configure`; export AWS_PROFILE if it is not the default profile",
        )
    })?;
    Ok((sdk, region))
}

async fn describe(sdk: &SdkConfig, name: &str, region: &str) -> Result<Stack, Failure> {
    let unknown = || {
        Failure::failed(format!(
            "there is no stack {name:?} in {region}: deploy it with `sam deploy`, or name another with --stack, or its region with AWS_REGION"
        ))
    };
    let described = aws_sdk_cloudformation::Client::new(sdk)
        .describe_stacks()
        .stack_name(name)
        .send()
        .await;
    match described {
        Ok(described) => described
            .stacks
            .and_then(|stacks| stacks.into_iter().next())
            .ok_or_else(unknown),
        // AWS has this one code for a name that is not there and for a name that cannot exist.
        Err(error) if error.code() == Some("ValidationError") => Err(unknown()),
        Err(error) => {
            let asked = Asked {
                action: "cloudformation:DescribeStacks",
                resource: &format!("the stack {name}"),
                region,
            };
            Err(asked.refused(&error))
        }
    }
}
