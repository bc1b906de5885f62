//! Templates that say by themselves what they were given, in the ways that models' own templates do.

use serde_json::json;

use super::ChatTemplate;
use crate::generator::{Error, Message, Role, Tool, ToolCall};

fn template(source: &str) -> ChatTemplate {
    ChatTemplate::new(Some(source), ("<s>".into(), "</s>".into())).unwrap()
}

fn render(source: &str, messages: &[Message], tools: &[Tool]) -> String {
    template(source).render(messages, tools).unwrap()
}

fn tools() -> Vec<Tool> {
    let parameters = json!({ "type": "object", "properties": { "zone": { "type": "string" } }, "required": ["zone"] });
    vec![Tool { name: "now".into(), description: Some("Tells the time & date.".into()), parameters }]
}

/// A question, a call, its result and another question.
fn conversation() -> Vec<Message> {
    let call = ToolCall { id: "call_1".into(), name: "now".into(), arguments: "{\"zone\":\"UTC\"}".into() };
    vec![
        Message::new(Role::User, "What time is it?"),
        Message { tool_calls: vec![call], ..Message::new(Role::Assistant, "") },
        Message { tool_call: Some("call_1".into()), ..Message::new(Role::Tool, "12:00") },
        Message::new(Role::User, "And in words?"),
    ]
}

#[test]
fn runs_templates_as_python_does() {
    let hello = [Message::new(Role::User, "hello")];
    let check = |source: &str, expected: &str| assert_eq!(render(source, &hello, &[]), expected, "{source}");
    check("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", "<s>hello</s>");
    check("{%- if tools %}tools{% else %}none{% endif %}", "none");
    check("{%- for m in messages[::-1] %}{{ m.content.upper().strip() }}{% break %}{% endfor %}", "HELLO");
    check("{{ {'b': [1, 'é<&'], 'a': none, 'c': 1.0} | tojson }}", r#"{"b": [1, "é<&"], "a": null, "c": 1.0}"#);
    check("{{ {'b': [1], 'a': {}} | tojson(indent=2) }}", "{\n  \"b\": [\n    1\n  ],\n  \"a\": {}\n}");
    check("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "1");
    check("{{ strftime_now('%Y') | length }}", "4");
    check("{% if strftime_now is defined and messages[0]['content'] is string %}yes{% endif %}", "yes");
    check("{{ messages[0].missing }}{{ missing is not defined }}", "True");
    let refused = template("{{ raise_exception('only pairs') }}").render(&hello, &[]).unwrap_err();
    assert!(refused.to_string().contains("only pairs"), "{refused}");
}

#[test]
fn shows_tools_as_the_template_does() {
    let source = "{% for t in tools %}{{ t | tojson }}\n{% endfor %}{% for m in messages %}{{ m.role }}:{{ m.content }}\
        {% for c in m.tool_calls %}<tool_call>{{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor %}\
        {% if m.name %}({{ m.name }} {{ m.tool_call_id }}){% endif %};{% endfor %}";
    let expected = concat!(
        r#"{"type": "function", "function": {"name": "now", "description": "Tells the time & date.", "parameters": "#,
        r#"{"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}}}"#,
        "\nuser:What time is it?;assistant:<tool_call>now {\"zone\": \"UTC\"};tool:12:00(now call_1);user:And in words?;",
    );
    assert_eq!(render(source, &conversation(), &tools()), expected);
}

const PLAIN: &str = "{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}";

#[test]
fn tells_other_models_in_words() {
    let told = render(PLAIN, &conversation(), &tools());
    assert_eq!(
        told,
        concat!(
            "system:You can call these functions, one JSON description a line:\n<tools>\n",
            r#"{"type":"function","function":{"name":"now","description":"Tells the time & date.","parameters":"#,
            r#"{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}}}"#,
            "\n</tools>\n\nTo call a function, write nothing but its name and arguments, in this form:\n<tool_call>\n",
            "{\"name\": \"name of the function\", \"arguments\": {\"name of an argument\": \"value\"}}\n</tool_call>\n",
            "The results come back between <tool_response> and </tool_response>. Answer in plain text when no function is ",
            "needed.\nuser:What time is it?\nassistant:<tool_call>\n{\"name\": \"now\", \"arguments\": {\"zone\":\"UTC\"}}\n",
            "</tool_call>\nuser:<tool_response>\n12:00\n</tool_response>\nAnd in words?\n",
        )
    );
    let mut with_system = vec![Message::new(Role::System, "Be brief.")];
    with_system.extend(conversation());
    assert!(render(PLAIN, &with_system, &tools()).starts_with("system:Be brief.\n\nYou can call these functions"));
    // A conversation with calls in it, and no tools any more.
    let without = render(PLAIN, &conversation(), &[]);
    assert!(without.starts_with("user:What time is it?\nassistant:<tool_call>\n"), "{without}");
    // Nothing to do with tools: two users in a row stay two.
    let users = [Message::new(Role::User, "a"), Message::new(Role::User, "b")];
    assert_eq!(render(PLAIN, &users, &[]), "user:a\nuser:b\n");
}

#[test]
fn a_template_that_asks_for_too_much_is_refused() {
    let forever = "{% for a in range(100000) %}".repeat(3) + &"{% endfor %}".repeat(3);
    let shared = "{% set row = range(100000) | list %}{{ ([row] * 10000) | tojson }}";
    for (source, expected) in [
        (forever.as_str(), "it does not come to an end"),
        ("{{ 'a' * 10000000000000 }}", "it does not come to an end"),
        (shared, "it is too long"),
        ("{{ [1] | tojson(indent=10000000000000) }}", "an indent has 64 blanks at most"),
        ("{{ 'a' | indent(10000000000000, true) }}", "it does not come to an end"),
        ("{{ '{:10000000000000}'.format(1) }}", "a width has four digits at most"),
    ] {
        let refused = template(source).render(&[Message::new(Role::User, "hello")], &[]).unwrap_err().to_string();
        assert!(refused.ends_with(expected), "{source}: {refused}");
    }
    assert_eq!(render("{{ '{:>3}'.format(1) }}", &[Message::new(Role::User, "hello")], &[]), "  1");
}

#[test]
fn folds_a_system_message_that_the_template_refuses() {
    let source =
        format!("{{% if messages[0].role == 'system' %}}{{{{ raise_exception('no system') }}}}{{% endif %}}{PLAIN}");
    let messages = [Message::new(Role::System, "Be brief."), Message::new(Role::User, "Hi.")];
    assert_eq!(render(&source, &messages, &[]), "user:Be brief.\n\nHi.\n");
    assert_eq!(render(&source, &messages[..1], &[]), "user:Be brief.\n");
    assert_eq!(render(PLAIN, &messages, &[]), "system:Be brief.\nuser:Hi.\n");
    assert!(render(&source, &conversation(), &tools()).starts_with("user:You can call these functions"));
}

#[test]
fn joins_messages_of_one_role_where_the_template_wants_them_to_alternate() {
    let source = format!(
        "{{% for m in messages %}}{{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}}\
         {{{{ raise_exception('roles must alternate') }}}}{{% endif %}}{{% endfor %}}{PLAIN}"
    );
    let message = |(role, text): &(Role, &str)| Message::new(*role, *text);
    let (system, user, assistant) = (Role::System, Role::User, Role::Assistant);
    for (messages, expected) in [
        (&[(user, "a"), (user, ""), (user, "b")][..], "user:a\n\nb\n"),
        (&[(user, "a"), (assistant, "b"), (user, "c")], "user:a\nassistant:b\nuser:c\n"),
        (
            &[(system, "s"), (system, "t"), (user, "a"), (user, "b"), (assistant, "c"), (assistant, "d"), (user, "e")],
            "user:s\n\nt\n\na\n\nb\nassistant:c\n\nd\nuser:e\n",
        ),
    ] {
        let messages: Vec<Message> = messages.iter().map(message).collect();
        assert_eq!(render(&source, &messages, &[]), expected);
    }
    let refused = template(&source).render(&[Message::new(assistant, "a"), Message::new(assistant, "b")], &[]);
    let Error::Invalid { part, message } = refused.unwrap_err() else { panic!("it is the conversation's fault") };
    assert_eq!((part, message.ends_with(": roles must alternate")), ("the conversation", true), "{message}");
}

#[test]
fn keeps_calls_and_results_apart_where_others_are_joined() {
    let source = "{% for m in messages %}{% if not loop.first and m.role in ['user', 'assistant'] \
        and m.role == messages[loop.index0 - 1].role %}{{ raise_exception('twice') }}{% endif %}{{ m.role }}:{{ m.content }}\
        {% for c in m.tool_calls %}<tool_call>{{ c.function.name }}{% endfor %}{% if tools %}{% endif %};{% endfor %}";
    let mut messages = conversation();
    messages.insert(1, Message::new(Role::Assistant, "Wait."));
    let again = ToolCall { id: "call_2".into(), ..messages[2].tool_calls[0].clone() };
    messages[2].tool_calls.push(again);
    messages.insert(4, Message { tool_call: Some("call_2".into()), ..Message::new(Role::Tool, "13:00") });
    messages.push(Message::new(Role::User, "Please."));
    let expected = "user:What time is it?;assistant:Wait.<tool_call>now<tool_call>now;tool:12:00;tool:13:00;\
        user:And in words?\n\nPlease.;";
    assert_eq!(render(source, &messages, &tools()), expected);
}

#[test]
fn a_model_without_a_template_takes_no_conversation() {
    let template = ChatTemplate::new(None, (String::new(), String::new())).unwrap();
    let refused = template.render(&[Message::new(Role::User, "Hi.")], &[]).unwrap_err().to_string();
    assert!(refused.contains("no chat template"), "{refused}");
}
