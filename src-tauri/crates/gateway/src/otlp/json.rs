//! OTLP's JSON form: names in camel case, ids in hexadecimal, 64-bit numbers as text. Keys that are not known are passed
//! over, as the standard asks.

use serde_json::Value;

use super::wire::{
    Any, AnyValue, Export, KeyValue, List, Resource, ResourceSpans, ScopeSpans, Span, SpanStatus, Table,
};

pub fn export(bytes: &[u8]) -> Result<Export, String> {
    let body: Value = serde_json::from_slice(bytes).map_err(|error| format!("The body is not valid JSON: {error}."))?;
    if !body.is_object() {
        return Err("The body is JSON, but not an object with `resourceSpans`.".to_owned());
    }
    let resources = each(&body, "resourceSpans", |resource| {
        let attributes = key_values(&resource["resource"], "attributes")?;
        let scopes = each(resource, "scopeSpans", |scope| Ok(ScopeSpans { spans: each(scope, "spans", span)? }))?;
        Ok(ResourceSpans { resource: Some(Resource { attributes }), scopes })
    })?;
    Ok(Export { resources })
}

/// What a list of tables holds; none where it is left out.
fn each<T>(of: &Value, key: &str, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    match of.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(read).collect(),
        Some(_) => Err(format!("`{key}` is not a list.")),
    }
}

fn span(value: &Value) -> Result<Span, String> {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Ok(Span {
        trace_id: id(value, "traceId")?,
        span_id: id(value, "spanId")?,
        parent_span_id: id(value, "parentSpanId")?,
        name: text("name"),
        start_nanos: nanos(value, "startTimeUnixNano")?,
        end_nanos: nanos(value, "endTimeUnixNano")?,
        attributes: key_values(value, "attributes")?,
        status: value.get("status").map(|status| SpanStatus {
            message: status["message"].as_str().unwrap_or_default().to_owned(),
            code: match &status["code"] {
                Value::String(name) => ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]
                    .iter()
                    .position(|known| known == name)
                    .unwrap_or_default() as i32,
                code => code.as_i64().unwrap_or_default() as i32,
            },
        }),
    })
}

fn id(value: &Value, key: &str) -> Result<Vec<u8>, String> {
    let text = value[key].as_str().unwrap_or_default();
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
    bytes
        .filter(|_| text.len().is_multiple_of(2))
        .ok_or_else(|| format!("`{key}` is not written in hexadecimal digits."))
}

fn nanos(value: &Value, key: &str) -> Result<u64, String> {
    let found = match &value[key] {
        Value::Null => Some(0),
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    };
    found.ok_or_else(|| format!("`{key}` is not a number of nanoseconds."))
}

fn key_values(of: &Value, key: &str) -> Result<Vec<KeyValue>, String> {
    each(of, key, |pair| {
        let key = pair["key"].as_str().ok_or("An attribute has no `key`.")?;
        Ok(KeyValue { key: key.to_owned(), value: any(&pair["value"])? })
    })
}

fn any(value: &Value) -> Result<Option<AnyValue>, String> {
    let Some((kind, value)) = value.as_object().and_then(|table| table.iter().next()) else { return Ok(None) };
    let wrong = || format!("A value called `{kind}` is of another type.");
    let found = match kind.as_str() {
        "stringValue" => Any::Text(value.as_str().ok_or_else(wrong)?.to_owned()),
        "boolValue" => Any::Truth(value.as_bool().ok_or_else(wrong)?),
        "intValue" => {
            let number = value.as_str().map_or_else(|| value.as_i64(), |text| text.parse().ok());
            Any::Whole(number.ok_or_else(wrong)?)
        }
        "doubleValue" => Any::Number(value.as_f64().ok_or_else(wrong)?),
        "arrayValue" => {
            let values = each(value, "values", any)?;
            Any::List(List { values: values.into_iter().map(|value| value.unwrap_or_default()).collect() })
        }
        "kvlistValue" => Any::Table(Table { values: key_values(value, "values")? }),
        // In base64, and shown so.
        "bytesValue" => Any::Text(value.as_str().ok_or_else(wrong)?.to_owned()),
        _ => return Ok(None),
    };
    Ok(Some(AnyValue { value: Some(found) }))
}
