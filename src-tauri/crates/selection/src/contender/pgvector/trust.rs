//! Whom a connection to PostgreSQL trusts, by what its address says of `sslmode`. Never connects.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::ConfigVerifierExt;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// None where the address says no, or this system has no certificates to trust.
pub(super) fn tls(mode: SslMode) -> Option<MakeRustlsConnect> {
    // Of several in one program, the first is kept.
    let _ = default_provider().install_default();
    let config = match mode {
        SslMode::Disable => return None,
        SslMode::Prefer => {
            let builder = ClientConfig::builder().dangerous();
            builder.with_custom_certificate_verifier(Arc::new(Anybody)).with_no_client_auth()
        }
        _ => ClientConfig::with_platform_verifier().ok()?,
    };
    Some(MakeRustlsConnect::new(config))
}

/// Takes every certificate, as libpq does by `prefer`: who would go on without encryption asks for no proof. Debian's
/// server has one that nobody signed.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
