// The page: asks who you are, or shows two users side by side, or one user's todo lists.

import {session} from './session.js';
import {showTodoPage} from './todo-page.js';
import {showSplitPage, showWelcomePage} from './welcome.js';

if (session.split) {
  showSplitPage();
} else if (session.user) {
  showTodoPage();
} else {
  showWelcomePage();
}
