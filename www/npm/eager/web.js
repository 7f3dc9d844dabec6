// Everything that is loaded later where it is taken, loaded at once: for where nothing can be.
import * as file from "../shared/random-access/file.js";
import * as fast from "../sdk/fast/web.js";
import * as full from "../sdk/full/web.js";
import * as opening from "../shared/streams/opening.js";
import * as sealing from "../shared/streams/sealing.js";
import * as signatures from "../shared/engines/web-signatures.js";
import { provide } from "../shared/later.js";

provide({ fast, file, full, opening, sealing, signatures });
