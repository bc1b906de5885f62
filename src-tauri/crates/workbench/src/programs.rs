//! A lab's services as a shell sees them: their state and what they print.

use std::sync::Arc;

use workspaces::{Service, Services, State};

use crate::{
    Event, Events,
    view::{self, ServiceState},
};

pub fn view(services: &Services) -> Vec<view::Service> {
    services.iter().map(|service| one(service.name(), service.state())).collect()
}

fn one(name: &str, state: State) -> view::Service {
    let (state, url, detail) = match state {
        State::Stopped => (ServiceState::Stopped, None, None),
        State::Starting => (ServiceState::Starting, None, None),
        State::Ready { url } => (ServiceState::Ready, Some(url), None),
        State::Failed { summary } => (ServiceState::Failed, None, Some(summary)),
    };
    view::Service { name: name.into(), state, url, detail }
}

/// Tells every change of state and every line from now on, for as long as the services live.
pub fn follow(lab: &str, services: &Arc<Services>, events: &Events) {
    for service in services.iter() {
        follow_state(lab, service, events);
        follow_log(lab, service, events);
    }
}

fn follow_state(lab: &str, service: &Service, events: &Events) {
    let (lab, name, events, mut states) = (lab.to_owned(), service.name().to_owned(), events.clone(), service.states());
    tokio::spawn(async move {
        while states.changed().await.is_ok() {
            let state = states.borrow_and_update().clone();
            events.send(Event::ServiceChanged { lab: lab.clone(), service: one(&name, state) });
        }
    });
}

fn follow_log(lab: &str, service: &Service, events: &Events) {
    use tokio::sync::broadcast::error::RecvError;

    let (lab, name, events) = (lab.to_owned(), service.name().to_owned(), events.clone());
    let (_, mut lines) = service.follow_log();
    tokio::spawn(async move {
        loop {
            match lines.recv().await {
                Ok(line) => events.send(Event::ServiceLog { lab: lab.clone(), service: name.clone(), line }),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}
