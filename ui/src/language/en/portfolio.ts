import { part } from '../catalogue';

export const portfolio = part({
  'portfolio.title': 'Portfolio',
  'portfolio.gathering': 'Gathering the evidence',
  'portfolio.written': 'Written to <file>{path}</file>',
  'portfolio.copy': "Copy the file's path",
  'portfolio.exportHtml': 'Export HTML',
  'portfolio.offer.html': 'Export the write-up as HTML',
  'portfolio.exportMarkdown': 'Export Markdown',

  'portfolio.editor': 'Your text',
  'portfolio.about': 'What you write about',
  'portfolio.introduction': 'Introduction',
  'portfolio.field': '{about}, in Markdown',
  'portfolio.hint.introduction':
    'For those who read this page, in Markdown: who you are, what you set out to build, what they should look at first.',
  'portfolio.hint.lab':
    'For those who read this page, in Markdown: what you decided and why, what surprised you, what you would do differently.',
  'portfolio.keeping': 'Keeping…',
  'portfolio.kept': 'Kept at {at}',
  'portfolio.notKept': 'Not kept yet',

  'portfolio.changed':
    'Another text was kept here meanwhile, in a second window or a terminal. What you typed is not kept yet.',
  'portfolio.other': 'The other text',
  'portfolio.other.kept': 'The other text, kept at {at}',
  'portfolio.other.empty': 'It is empty.',
  'portfolio.mine': 'Keep mine',
  'portfolio.theirs': 'Take the other',
  'portfolio.both': 'Keep both',

  'portfolio.preview': 'Preview of the page',
  'portfolio.record': 'From the record',
  'portfolio.yours': 'Your words: {about}',
  'portfolio.none': 'Nothing is recorded yet. Every check that passes adds a line here, with what was measured.',
  'portfolio.today': "Open today's lab",
  'portfolio.empty.introduction': 'No introduction yet',
  'portfolio.empty.lab': 'Nothing in your own words yet',
  'portfolio.write': 'Write',
  'portfolio.write.about': 'Write: {about}',
  'portfolio.edit': 'Edit',
  'portfolio.edit.about': 'Edit: {about}',
});
