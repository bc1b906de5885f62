//! What a server with a certificate that nobody signed is taken for.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, Stream,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use task::Fault;

use super::*;

/// Goes on under TLS as a server that starts only now; gives its port.
fn serve() -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from(include_bytes!("tests/certificate.der").to_vec());
    let key = PrivatePkcs8KeyDer::from(include_bytes!("tests/key.der").to_vec());
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"S").unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut tls = Stream::new(&mut connection, &mut stream);
        let mut length = [0; 4];
        // Who does not trust the certificate says no more.
        if tls.read_exact(&mut length).is_err() {
            return;
        }
        let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
        tls.read_exact(&mut startup).unwrap();
        let told = b"SFATAL\0C57P03\0Mit starts\0\0";
        let length = (told.len() as u32 + 4).to_be_bytes();
        tls.write_all(&[&b"E"[..], &length, told].concat()).unwrap();
        tls.flush().unwrap();
    });
    port
}

#[tokio::test]
async fn any_certificate_will_do_unless_the_address_asks_for_more() {
    let table = [
        ("", "selection.unreachable", "it starts"),
        ("?sslmode=prefer", "selection.unreachable", "it starts"),
        ("?sslmode=require", "selection.encryption", "no encrypted connection to"),
    ];
    for (mode, code, message) in table {
        let address = Address { url: format!("postgres://me@127.0.0.1:{}/docs{mode}", serve()), key: None };
        let error = Session::open(&address).await.err().unwrap();
        assert_eq!(error.code(), code, "{mode}: {error}");
        assert!(error.to_string().contains(message), "{mode}: {error}");
        assert!(code != "selection.encryption" || error.next_step().contains("?sslmode=disable"), "{error}");
    }
}
