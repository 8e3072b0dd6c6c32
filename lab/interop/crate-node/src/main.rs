//! One node of the published crate `gossip`, for interop runs: commands on stdin, JSON lines on stdout.
//!
//! Arguments: `ADDRESS GOSSIP_PERIOD_MS SAMPLING_PERIOD_MS EXPIRATION [SEED ...]`. EXPIRATION is one of `none`,
//! `duration:MS`, `pushes:N`, `recent:COUNT:MARGIN`.
//!
//! Commands, each answered by one line: `submit HEX`, `status HEX`, `many FIRST COUNT STEP BYTES` (submits numbered
//! updates), `silent N` (from now on deliveries are only counted, and the Nth is told), `count`. `quit` ends it. A delivery
//! is `{"event":"delivery","digest":"..."}`.
use gossip::{GossipConfig, GossipService, Peer, PeerSamplingConfig, Update, UpdateExpirationMode, UpdateHandler};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

static DELIVERED: AtomicUsize = AtomicUsize::new(0);
static SILENT: AtomicBool = AtomicBool::new(false);
static TOLD: AtomicUsize = AtomicUsize::new(0);

struct Reporter;

impl UpdateHandler for Reporter {
    fn on_update(&self, update: Update) {
        let delivered = DELIVERED.fetch_add(1, Relaxed) + 1;
        if SILENT.load(Relaxed) {
            if delivered == TOLD.load(Relaxed) {
                report(r#"{"event":"reached"}"#);
            }
        } else {
            report(&format!(r#"{{"event":"delivery","digest":"{}"}}"#, update.digest()));
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.len() < 4 {
        eprintln!("usage: crate-node ADDRESS GOSSIP_PERIOD_MS SAMPLING_PERIOD_MS EXPIRATION [SEED ...]");
        std::process::exit(2);
    }
    let address = arguments[0].parse().expect("ADDRESS is ip:port");
    let gossip_period_ms = arguments[1].parse().expect("GOSSIP_PERIOD_MS is a number");
    let sampling_period_ms = arguments[2].parse().expect("SAMPLING_PERIOD_MS is a number");
    let seeds: Vec<String> = arguments[4..].to_vec();
    let sampling = PeerSamplingConfig::new(true, true, sampling_period_ms, 30, 3, 12);
    let gossip = GossipConfig::new(true, true, gossip_period_ms, expiration(&arguments[3]));
    let mut service = GossipService::new(address, sampling, gossip);
    let first = Box::new(move || Some(seeds.into_iter().map(Peer::new).collect()));
    service.start(first, Box::new(Reporter)).expect("the service starts");
    report(r#"{"event":"started"}"#);
    obey(&service);
    // Not `shutdown`: it waits out a whole period and then fails. A process that ends closes everything.
    std::process::exit(0);
}

fn obey(service: &GossipService<Reporter>) {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("commands are text");
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["submit", hex] => answer("accepted", service.submit(bytes_of(hex)).is_ok()),
            ["status", hex] => answer("status", format!("\"{}\"", status(service, bytes_of(hex)))),
            ["many", first, count, step, bytes] => {
                let [first, count, step, bytes] = [first, count, step, bytes].map(|word| word.parse().expect("numbers"));
                let accepted = (0..count).filter(|n| service.submit(numbered(first + n * step, bytes)).is_ok()).count();
                answer("accepted", accepted);
            }
            ["silent", told] => {
                TOLD.store(told.parse().expect("a number"), Relaxed);
                SILENT.store(true, Relaxed);
                answer("silent", true);
            }
            ["count"] => answer("delivered", DELIVERED.load(Relaxed)),
            ["quit"] => return,
            _ => answer("misunderstood", true),
        }
    }
}

fn status(service: &GossipService<Reporter>, content: Vec<u8>) -> &'static str {
    if service.is_active(content.clone()) {
        return "active";
    }
    if service.is_expired(content) { "expired" } else { "unknown" }
}

fn numbered(number: usize, bytes: usize) -> Vec<u8> {
    let mut content = vec![0xaa; bytes];
    content[..4].copy_from_slice(&(number as u32).to_be_bytes());
    content
}

fn answer(name: &str, value: impl std::fmt::Display) {
    report(&format!(r#"{{"event":"answer","{}":{}}}"#, name, value));
}

fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever started this node has gone: there is nobody left to serve.
    if writeln!(out, "{}", line).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex digits")).collect()
}

fn expiration(text: &str) -> UpdateExpirationMode {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["none"] => UpdateExpirationMode::None,
        ["duration", ms] => UpdateExpirationMode::DurationMillis(ms.parse().expect("MS is a number")),
        ["pushes", count] => UpdateExpirationMode::PushCount(count.parse().expect("N is a number")),
        ["recent", count, margin] => UpdateExpirationMode::MostRecent(
            count.parse().expect("COUNT is a number"),
            margin.parse().expect("MARGIN is a number"),
        ),
        _ => panic!("EXPIRATION is none, duration:MS, pushes:N or recent:COUNT:MARGIN"),
    }
}
