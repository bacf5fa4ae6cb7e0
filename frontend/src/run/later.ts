// The script that a run's page loads when a tab first needs it: the bodies of most tabs, and media.
import folder from "folder:./later";

export default folder;
