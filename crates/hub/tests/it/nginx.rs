//! A real nginx with the configuration of an example.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::PATIENCE;

/// An nginx, until it is dropped.
pub(crate) struct Nginx(Child);

impl Nginx {
    /// Starts it with `site`, which listens on `port`, and its files in `directory`.
    pub(crate) async fn start(site: &str, directory: &Path, port: u16) -> Self {
        let text = directory.to_str().expect("text");
        let main = format!(
            "daemon off; master_process off; pid {text}/pid; error_log stderr crit;
             events {{}}
             http {{
                 access_log off;
                 client_body_temp_path {text}/body;
                 proxy_temp_path {text}/proxy;
                 fastcgi_temp_path {text}/fastcgi;
                 uwsgi_temp_path {text}/uwsgi;
                 scgi_temp_path {text}/scgi;
                 {site}
             }}"
        );
        let file = directory.join("nginx.conf");
        fs::write(&file, main).expect("written");
        let process = Command::new("nginx")
            .args(["-p", text, "-e", "stderr", "-c"])
            .arg(file)
            // Debian has it where only root looks.
            .env(
                "PATH",
                format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()),
            )
            .spawn()
            .expect("nginx is installed: on Debian, the package `nginx-light`");
        let nginx = Self(process);
        let listening = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, listening).await.expect("nginx listens");
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Replaces parts of an example, each of which must be in it.
pub(crate) fn replaced(example: &str, parts: &[(&str, &str)]) -> String {
    let mut text = example.to_owned();
    for (theirs, ours) in parts {
        assert!(text.contains(theirs), "{theirs} is not in the example");
        text = text.replace(theirs, ours);
    }
    text
}
