// The script that a project's page loads when a view other than the charts is first shown.
import folder from "folder:./later";

export default folder;
