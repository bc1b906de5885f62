//! The page as one HTML file that a browser shows and prints: its style is inside, and it loads and runs nothing.

#[cfg(test)]
mod tests;

use comrak::markdown_to_html;

use crate::{By, Part, Portfolio, narrative::options, parts};

/// Light and dark as the reader's system has it, and on paper.
const STYLE: &str = include_str!("html/page.css");

/// What the file may do wherever it is opened: have a style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the page. What Groundwork wrote is marked so, and is in sections that no text of the learner's can open.
pub fn html(portfolio: &Portfolio) -> String {
    let title = portfolio.title.replace('&', "&amp;").replace('<', "&lt;");
    let sections: String = parts(portfolio).iter().filter(|part| !part.markdown.is_empty()).map(section).collect();
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n{sections}</main>\n\
         </body>\n\
         </html>\n"
    )
}

fn section(part: &Part) -> String {
    let body = markdown_to_html(&part.markdown, &options());
    match part.by {
        By::Record => format!("<section class=\"record\">\n<p class=\"mark\">From the record</p>\n{body}</section>\n"),
        By::Learner(_) => format!("<section>\n{body}</section>\n"),
    }
}
