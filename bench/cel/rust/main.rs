// Times the crate `cel` on expressions: reads "NAME MILLISECONDS" lines, answers each with one line
// of fields between tabs: "ok", nanoseconds per evaluation, result; or "unsupported", reason.
use cel::common::types::{CelBool, CelInt, CelList, CelMap, CelMapKey, CelString, CelTimestamp};
use cel::common::value::Val;
use cel::{Context, Env, Value, extensions};
use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const BATCH_NANOSECONDS: u128 = 10_000_000;

type Failure = Box<dyn Error>;

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn string(text: &str) -> Box<dyn Val + '_> {
    Box::new(CelString::from(text))
}

// Borrowed from the text, so that nothing is copied that the crate need not copy. The names of a
// request's parts have dots: each is found by one look-up.
fn bind<'v>(context: &mut Context<'_, 'v>, text: &'v str) -> Result<(), Failure> {
    let mut headers = HashMap::new();
    for line in lines(text) {
        let parts: Vec<&str> = line.splitn(3, ' ').collect();
        let [kind, name, rest] = parts[..] else {
            return Err(format!("not three words: {line}").into());
        };
        match (kind, name) {
            ("header", ":method") => context.add_variable_as_val("request.method", string(rest)),
            ("header", ":path") => context.add_variable_as_val("request.path", string(rest)),
            ("header", ":authority") => context.add_variable_as_val("request.host", string(rest)),
            ("header", ":scheme") => context.add_variable_as_val("request.scheme", string(rest)),
            ("header", _) => {
                headers.insert(CelMapKey::from(name), string(rest));
            }
            _ => context.add_variable_as_val(name, variable(kind, rest)?),
        }
    }
    context.add_variable_as_val("request.headers", Box::new(CelMap::from(headers)));
    Ok(())
}

fn variable<'v>(kind: &str, text: &'v str) -> Result<Box<dyn Val + 'v>, Failure> {
    Ok(match kind {
        "int" => Box::new(CelInt::from(text.parse::<i64>()?)),
        "timestamp" => {
            let time = chrono::DateTime::from_timestamp(text.parse()?, 0).ok_or("time")?;
            Box::new(CelTimestamp::from(time.fixed_offset()))
        }
        "list" => {
            let items: Vec<Box<dyn Val + 'v>> = text.split_whitespace().map(string).collect();
            Box::new(CelList::from(items))
        }
        "map" => {
            let mut entries: HashMap<CelMapKey, Box<dyn Val + 'v>> = HashMap::new();
            for entry in text.split_whitespace() {
                let (key, number) = entry.split_once('=').ok_or("no `=`")?;
                entries.insert(key.into(), Box::new(CelInt::from(number.parse::<i64>()?)));
            }
            Box::new(CelMap::from(entries))
        }
        _ => return Err(format!("unknown kind of input: {kind}").into()),
    })
}

fn render(value: &dyn Val) -> Result<String, Failure> {
    if let Some(value) = value.downcast_ref::<CelBool>() {
        return Ok(value.inner().to_string());
    }
    if let Some(value) = value.downcast_ref::<CelInt>() {
        return Ok(value.inner().to_string());
    }
    if let Some(value) = value.downcast_ref::<CelString>() {
        return Ok(format!("\"{}\"", value.inner()));
    }
    let Some(list) = value.downcast_ref::<CelList>() else {
        return Err(format!(
            "a result of type {} is not compared",
            value.get_type().name()
        )
        .into());
    };
    let items: Result<Vec<String>, Failure> = list
        .inner()
        .iter()
        .map(|item| render(item.as_ref()))
        .collect();
    Ok(format!("[{}]", items?.join(", ")))
}

// The median of batches of some milliseconds each, until the time is used up.
fn measure(nanoseconds: u128, mut evaluate: impl FnMut()) -> f64 {
    let mut batches = Vec::new();
    let mut count: u128 = 1;
    let mut spent = 0;
    while spent < nanoseconds {
        let start = Instant::now();
        for _ in 0..count {
            evaluate();
        }
        let took = start.elapsed().as_nanos();
        if took < BATCH_NANOSECONDS {
            count = next_count(count, took);
            continue;
        }
        spent += took;
        batches.push(took as f64 / count as f64);
    }
    batches.sort_by(f64::total_cmp);
    batches[batches.len() / 2]
}

fn next_count(count: u128, took: u128) -> u128 {
    if took * 10 < BATCH_NANOSECONDS {
        return count * 10;
    }
    count * BATCH_NANOSECONDS / took + count / 10 + 1
}

fn answer(env: &Env, context: &Context, text: &str, milliseconds: u128) -> Result<String, Failure> {
    let program = env.compile(text)?;
    let result = render(Value::resolve_val(program.expression(), context)?.as_ref())?;
    let nanoseconds = measure(milliseconds * 1_000_000, || {
        // The crate's own measurements do it this way; Program::execute copies the result besides.
        let _ = black_box(Value::resolve_val(black_box(program.expression()), context));
    });
    Ok(format!("ok\t{nanoseconds:.2}\t{result}"))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, expressions_path, inputs_path] = &arguments[..] else {
        return Err("usage: cel_crate EXPRESSIONS INPUTS".into());
    };
    let expressions_text = std::fs::read_to_string(expressions_path)?;
    let expressions: HashMap<&str, &str> = lines(&expressions_text)
        .filter_map(|line| line.split_once(' '))
        .map(|(name, text)| (name, text.trim()))
        .collect();
    let inputs = std::fs::read_to_string(inputs_path)?;
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings)?;
    let env = Arc::new(env);
    let mut context = Context::with_env(Arc::clone(&env));
    bind(&mut context, &inputs)?;
    for order in std::io::stdin().lines() {
        let order = order?;
        let (name, milliseconds) = order.split_once(' ').ok_or("order: NAME MILLISECONDS")?;
        let text = expressions.get(name).ok_or("no such expression")?;
        match answer(&env, &context, text, milliseconds.parse()?) {
            Ok(line) => println!("{line}"),
            Err(error) => {
                let words: Vec<String> = error
                    .to_string()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                println!("unsupported\t{}", words.join(" "));
            }
        }
    }
    Ok(())
}
