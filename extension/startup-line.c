/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "startup-line.h"

#include <stdint.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "openvswitch/json.h"
#include "store/start-options.h"
#include "target.h"

/* Returns what a file says about a trace in its first line: "startup", the
 * versions of all, 'target', 'options', that it was started at 'started', in
 * ms since the epoch, and as "wall_offset" what clock_wall_offset()
 * returns. */
struct json *
startup_line_to_json(const struct target *target,
                     const struct start_options *options,
                     long long int started)
{
    struct json *json = json_object_create();
    struct utsname uts;

    json_object_put_string(json, "event", "startup");
    json_object_put_string(json, "version", VERSION);
    json_object_put_string(json, "kernel", uname(&uts) ? "" : uts.release);
    json_object_put(json, "openvswitch",
                    target->version ? json_string_create(target->version)
                    : json_null_create());
    json_object_put(json, "wall_offset",
                    json_integer_create(clock_wall_offset()));
    json_object_put(json, "started_ms", json_integer_create(started));
    json_object_put(json, "target", target_to_json(target));
    json_object_put(json, "options", start_options_to_json(options));
    return json;
}
