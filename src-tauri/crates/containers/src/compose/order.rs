//! Services in an order in which each comes after what it depends on.

use std::collections::BTreeMap;

use super::bad::Bad;
use super::service::Service;

pub fn order(services: &BTreeMap<String, Service>) -> Result<Vec<String>, Bad> {
    let (mut order, mut path) = (Vec::new(), Vec::new());
    for name in services.keys() {
        visit(name, services, &mut order, &mut path)?;
    }
    Ok(order)
}

fn visit<'a>(
    name: &'a str,
    services: &'a BTreeMap<String, Service>,
    order: &mut Vec<String>,
    path: &mut Vec<&'a str>,
) -> Result<(), Bad> {
    if order.iter().any(|known| known == name) {
        return Ok(());
    }
    if let Some(at) = path.iter().position(|before| *before == name) {
        let circle = path[at..].iter().chain([&name]).copied().collect::<Vec<_>>().join(" → ");
        return Err(Bad::new(format!("services.{name}.depends_on"), format!("goes in a circle: {circle}"), "Cut it."));
    }
    path.push(name);
    for needed in services[name].depends_on.keys() {
        if !services.contains_key(needed) {
            let place = format!("services.{name}.depends_on");
            return Err(Bad::new(place, format!("there is no service {needed}"), "Name a service of this file."));
        }
        visit(needed, services, order, path)?;
    }
    path.pop();
    order.push(name.to_owned());
    Ok(())
}
