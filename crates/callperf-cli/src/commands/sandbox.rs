//! The `sandbox` command.

use std::io::{self, Write};
use std::path::Path;

use callperf_sandbox::{Builder, FaultError, Faults, Sandbox};

use super::Done;
use crate::{
    Failure,
    args::{DataArgs, ProtocolArgs, SandboxArgs},
};

pub(super) async fn run(args: SandboxArgs) -> Done {
    let builder = with_protocol(builder(&args.data).port(args.port), &args.protocol)?;
    let sandbox = builder.start().await?;
    {
        let mut out = io::stdout().lock();
        writeln!(out, "RC_SERVER_URL={}", sandbox.url())?;
        writeln!(out, "RC_APP_CLIENT_ID={}", sandbox.client_id())?;
        writeln!(out, "RC_APP_CLIENT_SECRET={}", sandbox.client_secret())?;
        writeln!(out, "RC_USER_JWT={}", sandbox.jwt())?;
        out.flush()?;
    }
    eprintln!("callperf: the sandbox serves until it is interrupted (Ctrl-C)");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

pub(super) async fn start(data: &DataArgs) -> Result<Sandbox, Failure> {
    Ok(builder(data).start().await?)
}

fn builder(data: &DataArgs) -> Builder {
    let builder = Sandbox::builder().seed(data.seed);
    match data.now {
        Some(now) => builder.now(now),
        None => builder,
    }
}

fn with_protocol(builder: Builder, protocol: &ProtocolArgs) -> Result<Builder, Failure> {
    let builder = builder.limits(protocol.limits).refresh_tokens(protocol.refresh_tokens);
    let builder = protocol.redirect_uri.iter().fold(builder, Builder::redirect_uri);
    Ok(match &protocol.faults {
        Some(file) => builder.faults(faults(file)?),
        None => builder,
    })
}

fn faults(file: &Path) -> Result<Faults, Failure> {
    let script = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("--faults {}: {error}", file.display())))?;
    script.parse().map_err(|error: FaultError| {
        Failure::Usage(format!("--faults {}: {error}", file.display()))
    })
}
