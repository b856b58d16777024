//! The `sandbox` command.

use std::io::{self, Write};

use callperf_sandbox::Sandbox;

use super::Done;
use crate::{
    Failure,
    args::{DataArgs, SandboxArgs},
};

pub(super) async fn run(args: SandboxArgs) -> Done {
    let sandbox = start(&args.data, args.port).await?;
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

pub(super) async fn start(data: &DataArgs, port: u16) -> Result<Sandbox, Failure> {
    let builder = Sandbox::builder().seed(data.seed).port(port);
    let builder = match data.now {
        Some(now) => builder.now(now),
        None => builder,
    };
    Ok(builder.start().await?)
}
