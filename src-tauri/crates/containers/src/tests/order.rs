//! When the services of a stack start, by the times that the engine has noted.

use super::stacks::Stack;
use super::*;

/// `slow` is healthy only some time after `eager` runs, which need not wait for that; `late` waits for it, and for the end
/// of `once`.
const ORDER: &str = "
services:
  slow:
    image: groundwork/python
    command: [sh, -c, 'until [ -e /signs/eager ]; do sleep 0.1; done; sleep 1; echo ready; touch /ready; sleep 600']
    healthcheck: {test: [CMD, test, -e, /ready], interval: 300ms, retries: 500}
    volumes: ['signs:/signs']
    stop_grace_period: 0s
  eager:
    image: groundwork/python
    command: [sh, -c, 'touch /signs/eager; sleep 600']
    depends_on: {slow: {condition: service_started}}
    volumes: ['signs:/signs']
    stop_grace_period: 0s
  once: {image: groundwork/python, command: sleep 1}
  late:
    image: groundwork/python
    command: sleep 600
    depends_on: {slow: {condition: service_healthy}, once: {condition: service_completed_successfully}}
    stop_grace_period: 0s
  plain: {image: groundwork/python, command: sleep 600, depends_on: [eager], stop_grace_period: 0s}
volumes: {signs: }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_when_what_it_depends_on_has_come_as_far_as_its_condition_says() {
    let stack = Stack::new(ORDER).await;
    stack.up().await.unwrap();
    let ids = stack.ids();
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let noted = |service: &str, what: &str| time(&docker(&["inspect", "--format", what, &ids[service]]));
    let started = |service: &str| noted(service, "{{.State.StartedAt}}");
    let said = docker(&["logs", "--timestamps", &ids["slow"]]);
    let ready = time(said.split_once(' ').unwrap().0);

    assert!(started("slow") < started("eager") && started("eager") < started("plain"));
    assert!(started("eager") < ready && ready < started("late"), "{said}");
    assert!(noted("once", "{{.State.FinishedAt}}") < started("late"));
    stack.down().await;
}
