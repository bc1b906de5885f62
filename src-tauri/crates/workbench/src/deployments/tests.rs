//! The learner's files, right and wrong, as the gateway sees them.

use gateway::{Model, Quota, Serves};
use inference::{Description, Event, Generation, Generator, Request};
use task::Cancellation;

use super::*;

struct Small;

impl Generator for Small {
    fn describe(&self) -> Description {
        Description { id: "small".into(), context: 8 }
    }

    fn generate(&self, _: Request, _: Cancellation) -> Generation {
        let (_, generation) = tokio::sync::mpsc::unbounded_channel::<Event>();
        generation
    }
}

const PORT: u16 = 11435;

fn small(name: &str, quota: Quota) -> Deploy {
    Deploy { name: name.into(), model: "small".into(), quota, elsewhere: None }
}

fn deployments() -> (tempfile::TempDir, Deployments) {
    let folder = tempfile::tempdir().unwrap();
    let models = Arc::new(Served::default().with(Model::Text(Arc::new(Small))));
    let deployments = Deployments::new(move || models.clone(), folder.path(), PORT);
    (folder, deployments)
}

fn names(served: &Served) -> Vec<&str> {
    served.all().iter().map(|deployment| deployment.name.as_str()).collect()
}

#[test]
fn a_file_counts_from_the_next_look_on() {
    let (folder, deployments) = deployments();
    assert_eq!(names(&deployments.served()), ["small"]);
    let quota = Quota { tokens_per_minute: Some(100), requests_per_minute: None };
    file::change(folder.path(), |text| file::with(text, &small("gpt-4.1", quota))).unwrap();
    let served = deployments.served();
    assert_eq!(names(&served), ["small", "gpt-4.1"]);
    assert_eq!(served.find("gpt-4.1").unwrap().quota, quota);
    // The same length at the same time.
    let path = folder.path().join(file::NAME);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("gpt-4.1", "gpt-4.2").replace("= 100\n", "= 999\n")).unwrap();
    assert_eq!(deployments.served().find("gpt-4.2").unwrap().quota.tokens_per_minute, Some(999));
    file::change(folder.path(), |text| file::without(text, "gpt-4.2")).unwrap();
    assert_eq!(names(&deployments.served()), ["small"]);
}

#[test]
fn a_wrong_file_says_where_and_leaves_the_models() {
    let (folder, deployments) = deployments();
    let table = [
        ("[deployments.a\n", "deployments.toml, line 1"),
        ("\n[deployments.a]\nmodel = 'small'\ntokens = 5\n", "deployments.toml, line 4: unknown field `tokens`"),
        ("[deployments.a]\nmodel = 'small'\nrequests_per_minute = 0\n", "deployments.toml, line 3"),
        (
            "[deployments.a]\n\nmodel = 'big'\n",
            "deployments.toml, line 3: The deployment \"a\" is not served: there is no model",
        ),
        ("[deployments.a]\nmodel = 5\n", "deployments.toml, line 2"),
        ("[deployments.a]\nmodel = 'b'\nkey = 'c'\n", "deployments.toml, line 2: \"a\" has a 'key'"),
        (
            "[deployments.a]\nmodel = 'b'\nurl = 'gpu-1'\n",
            "line 2: The deployment \"a\" is not served: \"gpu-1\" is no URL",
        ),
        ("[deployments.a]\nmodel = 'b'\nurl = 'http://127.0.0.1:11435/v1'\n", "its URL leads back to this gateway"),
        ("[deployments.small]\nmodel = 'b'\nurl = 'http://gpu-1/v1'\n", "\"small\" is a model's own name"),
    ];
    for (text, expected) in table {
        fs::write(folder.path().join(file::NAME), text).unwrap();
        let served = deployments.served();
        assert_eq!(names(&served), ["small"], "{text}");
        let told = served.missing.clone().unwrap_or_default();
        assert!(told.contains(expected), "{text}: {told}");
    }
    fs::write(folder.path().join(file::NAME), [0xff, 0x00]).unwrap();
    assert!(deployments.served().missing.is_some());
}

#[test]
fn what_the_learner_wrote_stays_when_a_deployment_is_added_and_removed() {
    let quota = Quota { tokens_per_minute: None, requests_per_minute: Some(6) };
    let before = "# mine\n[deployments.a] # first\nmodel = \"small\"\n";
    let added = file::with(before, &small("b", quota)).unwrap();
    assert_eq!(added, format!("{before}\n[deployments.b]\nmodel = \"small\"\nrequests_per_minute = 6\n"));
    assert_eq!(file::without(&added, "b").unwrap(), before);
    assert_eq!(file::without(before, "b").unwrap_err().code, "deployments.unknown");
    for name in ["", "a b", "a/b", "..", &"a".repeat(65)] {
        assert_eq!(file::with("", &small(name, quota)).unwrap_err().code, "deployments.name", "{name:?}");
    }
    assert_eq!(file::with("[", &small("b", quota)).unwrap_err().code, "deployments.unreadable");
}

#[test]
fn the_nearest_price_counts() {
    let text = "currency = 'EUR'\n[default]\ninput = 1\noutput = 2\n[prices.small]\ninput = 3\ncached_input = 1\noutput = 4\n[prices.mine]\ninput = 5\noutput = 6\n";
    let prices = Prices::parse(text).unwrap();
    let figures = |deployment: &str, model: &str| {
        prices.of(deployment, model).map(|price| [price.input, price.cached_input, price.output])
    };
    assert_eq!(figures("mine", "small"), Some([5.0, 5.0, 6.0]));
    assert_eq!(figures("other", "small"), Some([3.0, 1.0, 4.0]));
    assert_eq!(figures("other", "large"), Some([1.0, 1.0, 2.0]));
    assert_eq!(Prices::parse(EXAMPLE_OF_NOTHING).unwrap().of("a", "b"), None);
    for wrong in ["[default]\ninput = -1\noutput = 0\n", "[default]\ninput = nan\noutput = 0\n", "price = 1\n"] {
        assert!(Prices::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Prices::parse(prices::EXAMPLE).unwrap().of("any", "model").is_some());
}

const EXAMPLE_OF_NOTHING: &str = "currency = 'USD'\n";

#[test]
fn a_model_elsewhere_is_written_read_and_kept_to_oneself() {
    let (folder, deployments) = deployments();
    let elsewhere =
        |dimension| Some(Elsewhere { url: "http://gpu-1:8000/v1".into(), key: Some("sk-1".into()), dimension });
    let text = Deploy { model: "Qwen/Qwen3-8B".into(), elsewhere: elsewhere(None), ..small("team", Quota::default()) };
    let vectors = Deploy { elsewhere: elsewhere(Some(1024)), ..small("team-vectors", Quota::default()) };
    for deploy in [&text, &vectors] {
        file::change(folder.path(), |text| file::with(text, deploy)).unwrap();
        assert!(!format!("{deploy:?}").contains("sk-1"));
    }
    let written = fs::read_to_string(folder.path().join(file::NAME)).unwrap();
    let read: Vec<_> = file::parse(&written).unwrap().into_iter().map(|entry| entry.deploy).collect();
    assert_eq!(read, [text, vectors]);
    let served = deployments.served();
    assert_eq!(names(&served), ["small", "team", "team-vectors"]);
    assert_eq!(served.find("team").unwrap().model.id(), "Qwen/Qwen3-8B");
    assert!(matches!(served.find("team-vectors").unwrap().model, Model::Embedding(_)));
    assert_eq!(served.missing, None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = folder.path().join(file::NAME).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
