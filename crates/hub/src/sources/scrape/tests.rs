//! Pages as programs write them, and what queries make of them.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// The values of queries at several pages, ten seconds apart.
fn values(pages: &[&str], query: &str) -> Vec<Option<f64>> {
    let queries = [("key".to_owned(), Selector::parse(query).expect(query))];
    let mut rates = Rates::default();
    let start = Instant::now();
    let pages = pages.iter().enumerate();
    let values = pages.map(|(number, page)| {
        let mut selected = select(page, false, &queries).expect(page);
        rates.begin(start + Duration::from_secs(10) * number as u32);
        let value = value(&mut rates, &queries[0].1, selected.remove(0));
        rates.end();
        value
    });
    values.collect()
}

const PAGE: &str = r#"# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 0.25
# TYPE http_requests_total counter
http_requests_total{code="200",method="get"} 100 1700000000000
http_requests_total{method="get",code="500"} 10
# TYPE temperature gauge
temperature{room="a b",note="say \"hi\"\\"} 20
temperature{room="c"} 24.5
{"unusual.name", host="x"} 7
nothing NaN
"#;

#[test]
fn gauges_are_taken_and_counters_become_rates() {
    let later = PAGE.replace("} 100 ", "} 150 ").replace("} 10\n", "} 30\n");
    let of = |query| values(&[PAGE, &later], query);
    assert_eq!(of("node_load1"), [Some(0.25), Some(0.25)]);
    assert_eq!(of("http_requests_total"), [None, Some(7.0)]);
    assert_eq!(of("http_requests_total{code=\"500\"}"), [None, Some(2.0)]);
    assert_eq!(of("http_requests_total{code!~\"5..\"}"), [None, Some(5.0)]);
    assert_eq!(of("max(http_requests_total)"), [None, Some(5.0)]);
    assert_eq!(of("avg(temperature)"), [Some(22.25); 2]);
    assert_eq!(
        of("min( temperature { room =~ \"a.*\", } )"),
        [Some(20.0); 2]
    );
    assert_eq!(of(r#"temperature{note="say \"hi\"\\"}"#), [Some(20.0); 2]);
    assert_eq!(of("temperature{room=\"\"}"), [None; 2]);
    assert_eq!(of("nothing"), [None; 2], "NaN is missing");
    assert_eq!(of("elsewhere"), [None; 2]);
}

#[test]
fn a_counter_that_begins_again_does_not_go_back() {
    let page = |count| format!("jobs_total {count}\n");
    let pages = [page(1000), page(1100), page(50), page(60)];
    let pages: Vec<_> = pages.iter().map(String::as_str).collect();
    assert_eq!(
        values(&pages, "jobs_total"),
        [None, Some(10.0), Some(5.0), Some(1.0)]
    );
    // A series that was away has no rate at first.
    let pages = [&*page(1), "other 1\n", &page(1000), &page(1010)];
    assert_eq!(values(&pages, "jobs_total"), [None, None, None, Some(1.0)]);
}

fn histogram(counts: [u32; 4]) -> String {
    let [a, b, c, all] = counts;
    format!(
        "# TYPE took histogram\ntook_bucket{{le=\"0.1\"}} {a}\ntook_bucket{{le=\"0.5\"}} {b}\n\
         took_bucket{{le=\"1\"}} {c}\ntook_bucket{{le=\"+Inf\"}} {all}\ntook_count {all}\n"
    )
}

#[test]
fn histograms_become_quantiles_of_what_is_new() {
    let pages = [
        histogram([100, 100, 100, 100]),
        histogram([110, 150, 200, 200]),
        histogram([110, 150, 200, 200]),
        histogram([110, 150, 200, 300]),
    ];
    let pages: Vec<_> = pages.iter().map(String::as_str).collect();
    let of = |query| values(&pages, query);
    assert_eq!(
        of("quantile(0.5, took)"),
        [None, Some(0.5), None, Some(1.0)]
    );
    assert_eq!(of("quantile(0.05, took)")[1], Some(0.05));
    assert_eq!(of("quantile(0.75, took)")[1], Some(0.75));
    assert_eq!(of("took_count"), [None, Some(10.0), Some(0.0), Some(10.0)]);
    assert_eq!(
        selector::quantile(0.5, vec![(1.0, 5.0)]),
        None,
        "is cut off"
    );
}

#[test]
fn queries_that_mean_nothing_are_refused() {
    for query in [
        "",
        "node load",
        "rate(x[5m])",
        "x{",
        "x{a}",
        "x{a=b}",
        "x{a=\"b\"",
        "x{a=\"b\" c=\"d\"}",
        "x{a=~\"(\"}",
        "x{=\"a\"}",
        "quantile(x)",
        "quantile(95, x)",
        "quantile(NaN, x)",
        "sum(x) / 2",
    ] {
        assert!(Selector::parse(query).is_err(), "{query}");
    }
}

#[test]
fn bad_pages_are_refused() {
    let read = |page: &str, open_metrics| text::read(page, open_metrics, |_, _| {});
    for page in [
        "<html>\n",
        "x\n",
        "x{a=\"b} 1\n",
        "x{a=\"b\"\n",
        "x one\n",
        "{} 1\n",
        "{a=\"b\"} 1\n",
        "x{\"y\"} 1\n",
    ] {
        let error = read(&format!("good 1\n{page}"), false).expect_err(page);
        assert!(error.starts_with("line 2 "), "{error}");
    }
    for (page, open_metrics, whole) in [
        ("x 1\n", false, true),
        ("x 1\ny 1", false, false),
        ("x 1\n# EOF\n", true, true),
        ("x 1\n# EOF", true, true),
        ("x 1\n", true, false),
        ("", false, false),
    ] {
        assert_eq!(read(page, open_metrics).is_ok(), whole, "{page}");
    }
}

#[test]
fn exemplars_and_infinity_are_read() {
    let page = "# TYPE a counter\na_total 3 # {trace=\"x\"} 1 1.5\nb +Inf\nc -Inf 5\n# EOF\n";
    let mut samples = Vec::new();
    let read = text::read(page, true, |sample, types| {
        samples.push((
            sample.name.to_string(),
            sample.value,
            types.is_counter(&sample.name),
        ));
    });
    assert_eq!(read, Ok(()));
    let expected = [
        ("a_total", 3.0, true),
        ("b", f64::INFINITY, false),
        ("c", f64::NEG_INFINITY, false),
    ];
    let expected = expected.map(|(name, value, counts)| (name.to_owned(), value, counts));
    assert_eq!(samples, expected);
}

proptest! {
    #[test]
    fn no_page_and_no_query_panics(page in "(\\PC|[{}=,\"\\\\#\n ]|le|[0-9]){0,120}") {
        let queries = [("k".to_owned(), Selector::parse("x").expect("valid"))];
        let _ = select(&page, page.len() % 2 == 0, &queries);
        let _ = Selector::parse(&page);
    }

    #[test]
    fn what_was_written_is_read(name in "[a-z_:][a-z0-9_:]{0,10}", value in "\\PC{0,20}", number: f64) {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let page = format!("{name}{{label=\"{escaped}\"}} {number:?}\n");
        let mut read = Vec::new();
        let result = text::read(&page, false, |sample, _| {
            read.push((sample.name.to_string(), sample.label("label").map(str::to_owned), sample.value.to_bits()));
        });
        prop_assert_eq!(result, Ok(()));
        let number = if number.is_nan() { f64::NAN } else { number };
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(&read[0].0, &name);
        prop_assert_eq!(read[0].1.as_deref(), Some(&*value));
        prop_assert!(f64::from_bits(read[0].2) == number || number.is_nan());
    }

    #[test]
    fn quantiles_are_within_the_bounds(counts in prop::collection::vec(0.0..1e6_f64, 1..8), quantile in 0.0..=1.0_f64) {
        let mut sum = 0.0;
        let mut buckets: Vec<_> = counts.iter().enumerate().map(|(bound, count)| {
            sum += count;
            (bound as f64, sum)
        }).collect();
        buckets.push((f64::INFINITY, sum));
        let most = (counts.len() - 1) as f64;
        if let Some(value) = selector::quantile(quantile, buckets) {
            prop_assert!((0.0..=most).contains(&value), "{}", value);
        }
    }
}
