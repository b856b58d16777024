//! TLS to a server whose certificate only a root of one's own vouches for.

use std::{error::Error as _, sync::Arc};

use callperf::{
    Api, Breakdown, Client, ClientBuilder, Credentials, Error, ErrorKind, GroupBy, Period, Query,
    RetryPolicy,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};
use wiremock::ResponseTemplate;

use crate::support::{self, NOW, SECRETS};

/// A root certificate in PEM form, and what a server on this machine shows that it vouches for.
fn certificates() -> (String, ServerConfig) {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let pem = root.self_signed(&root_key).unwrap().pem();
    let (of_server, key) =
        (CertificateParams::new(["localhost".to_owned()]).unwrap(), KeyPair::generate().unwrap());
    let certificate = of_server.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    (pem, config)
}

/// An address that takes TLS off what it passes on to a server.
async fn with_tls(config: ServerConfig, server: std::net::SocketAddr) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that doesn't trust the certificate hangs up.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut server = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    address
}

async fn ask(builder: ClientBuilder) -> Result<usize, Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let page = builder.build()?.aggregate(&query).page(1).await?;
    Ok(page.records.len())
}

#[tokio::test]
async fn a_root_of_ones_own_vouches_for_a_server() {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1));
    let server = support::server(answer).await;
    let (root, config) = certificates();
    let address = with_tls(config, *server.address()).await;
    let builder = || {
        Client::builder()
            .server(&address)
            .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
            .clock(|| NOW.parse().unwrap())
            .retry(RetryPolicy::never())
    };
    assert_eq!(ask(builder().root_certificate(root)).await.unwrap(), 0);

    let seen = server.received_requests().await.unwrap().len();
    let (other_root, _) = certificates();
    for untrusted in [builder(), builder().root_certificate(other_root)] {
        let error = ask(untrusted).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert_eq!(error.to_string(), "the server can't be reached");
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        // `callperf doctor` knows by these words what to advise.
        let cause = causes.last().unwrap();
        assert!(cause.starts_with("invalid peer certificate"), "{causes:?}");
        assert!(!format!("{causes:?}").contains("localhost:"), "{causes:?}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), seen, "nothing is sent to it");
}
