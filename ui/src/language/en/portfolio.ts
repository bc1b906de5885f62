import { part } from '../catalogue';

export const portfolio = part({
  'portfolio.title': 'Portfolio',
  'portfolio.gathering': 'Gathering the evidence',
  'portfolio.view': 'View',
  'portfolio.page': 'Preview',
  'portfolio.markdown': 'Markdown',
  'portfolio.written': 'Written to <file>{path}</file>',
  'portfolio.copy': "Copy the file's path",
  'portfolio.export': 'Export Markdown',
  'portfolio.none': 'Nothing is recorded yet. Every check that passes adds a line here, with what was measured.',
  'portfolio.today': "Open today's lab",
});
