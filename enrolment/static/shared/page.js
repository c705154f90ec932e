// What every page needs: the CSRF header for htmx, dialogs, one send per form, a spoken message.

import { openDialogs } from "./dialog.js";
import { sendCsrfHeader } from "./csrf.js";
import { sendOnce } from "./send-once.js";
import { speakMessages } from "./live.js";

openDialogs();
sendCsrfHeader();
sendOnce();
speakMessages();
