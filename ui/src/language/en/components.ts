import { part } from '../catalogue';

export const components = part({
  'components.cancel': 'Cancel',
  'components.close': 'Close',
  'components.dismiss': 'Dismiss',
  'components.again': 'Try again',
  'components.notices': 'Notices',
  'components.part': '{done, number} of {all, number}',
  'components.wait': '{what}…',
  'components.broken': 'The window met an error of its own: {error}.',
  'components.broken.next': 'Close the window and open it again. Nothing that was recorded is lost.',

  'components.copy': 'Copy',
  'components.copy.code': 'Copy code',
  'components.copied': 'Copied',
  'components.notCopied': 'Not copied',
  'components.addressCopied': 'Address copied',
  'components.addressCopied.next': 'Open {url} in your browser.',

  'components.task.working': 'Working',
  'components.task.starting': 'Starting',
  'components.task.ready': 'Getting ready',
  'components.task.stopping': 'Stopping',
  'components.task.output': 'Output',
  'components.task.parts': 'Parts',
  'components.task.amount': '{done} of {total}',
});
