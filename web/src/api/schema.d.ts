// Made by npm run client from the routes of src/api/v1. Not edited by hand.

export interface paths {
    "/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts: a client id at a provider, whoever shares it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accounts */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AccountPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account}/forecast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the coming hours ask of an account, and what will not fit */
        get: {
            parameters: {
                query?: {
                    hours?: number;
                };
                header?: never;
                path: {
                    account: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Hour by hour */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Forecast"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an account has spent */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    account: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The rolling hour, and the last day by the hour */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Quota"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last audit of each event, those with findings first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Audits */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the first reading has come */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accounts that still read, and the races that they do not have whole */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackfillProgress"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All races, problems first
         * @description Read at most every two seconds for all who look, so it costs no more when many do.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The board */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Board"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Credentials and whether they work; never a secret */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Credentials by partner */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CredentialPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events, soonest first
         * @description Without `past` those that are not over for longer than a day and a half, and those without a date.
         */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before */
                    cursor?: string;
                    limit?: number;
                    /** @description Of one timing partner */
                    partner?: number;
                    /** @description Those that are over as well */
                    past?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EventPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event: counts by category and wave, how fresh it is, when it is looked at next, and why then */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The event */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EventDetail"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/bib-authority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say whose bib counts where the provider and the timing partner both gave one
         * @description At RunSignUp it holds for all events of the race.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        bibAuthority: "provider" | "local";
                    };
                };
            };
            responses: {
                /** @description Whose counts now */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BibAuthority"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/bib-conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Bibs that several people hold, and people to whom two were given */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before */
                    cursor?: string;
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of conflicts, by bib */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BibConflictPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/bibs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give the bibs of a CSV file, all or none
         * @description Columns by their heads: `bib`, and `registration`, or `first name`, `last name` and `date of birth`. With `preview` nothing is written, and each line says what would become of it.
         */
        post: {
            parameters: {
                query?: {
                    /** @description Let several people have one bib */
                    allowDuplicates?: boolean;
                    preview?: boolean;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "text/csv": string;
                };
            };
            responses: {
                /** @description What becomes of each line */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GivenBibs"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changed, oldest first
         * @description Without `after` or `since` from the first change that is kept. With `net` or the newest first, the pages are of what had changed when the first of them was asked for.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Changes after this position; 410 when they were purged */
                    after?: number | null;
                    /** @description `next` of the page before */
                    cursor?: string;
                    /** @description Only changes of this column */
                    field?: string;
                    /** @description Only these, with commas between them */
                    kind?: string;
                    limit?: number;
                    /** @description An entry a registration: what came of all its changes. Kind and column are then those of the sum. */
                    net?: boolean;
                    /** @description `newest`: newest first */
                    order?: "oldest" | "newest";
                    /** @description Part of a name, a bib or a number */
                    q?: string;
                    /** @description Changes since the mark of this name */
                    since?: string;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of changes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChangePage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/changes.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changed, as CSV
         * @description A row for each column that changed, of as many changes as there are; safe to open in a spreadsheet.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Changes after this position; 410 when they were purged */
                    after?: number | null;
                    /** @description Only changes of this column */
                    field?: string;
                    /** @description Only these, with commas between them */
                    kind?: string;
                    /** @description An entry a registration: what came of all its changes. Kind and column are then those of the sum. */
                    net?: boolean;
                    /** @description Part of a name, a bib or a number */
                    q?: string;
                    /** @description Changes since the mark of this name */
                    since?: string;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description CSV */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/changes/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changes, as it comes
         * @description Server-sent events: `change`, with the position as id. `Last-Event-ID`, `after` or `since` resume; without them it begins now. `end` says why it ends.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Changes after this position; 410 when they were purged */
                    after?: number | null;
                    /** @description Only changes of this column */
                    field?: string;
                    /** @description Only these, with commas between them */
                    kind?: string;
                    /** @description Changes since the mark of this name */
                    since?: string;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the start list
         * @description Problems first. People who are cancelled or removed are left out. Costs no call.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Named of each finding at most */
                    people?: number | null;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was found */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CheckReport"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/checks/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody of one finding, as CSV */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    file: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A line a person */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/exports/{format}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A start list as a file
         * @description From one snapshot, streamed. What a person should know of it stands in headers, never in the file. Give the position as `after` the next time for what changed since, and ask with `withdrawn` for who is gone.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Only who changed after this position of the event’s feed */
                    after?: number | null;
                    blankBib?: string;
                    bom?: "yes" | "no";
                    dateOrder?: "ymd" | "mdy" | "dmy";
                    delimiter?: "comma" | "semicolon" | "tab" | "pipe";
                    encoding?: "utf-8" | "utf-16le" | "windows-1252";
                    formulas?: "exact" | "guarded";
                    ids?: "plain" | "namespaced";
                    rows?: "registration" | "entry";
                    sex?: "M/F/X" | "m/f/x" | "Male/Female/Non-binary" | "male/female/other" | "provider";
                    /** @description Only who changed since this mark */
                    since?: string;
                    /** @description Instead of the list: who is cancelled, removed, transferred, deferred or moved */
                    withdrawn?: boolean;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    format: "raceresult" | "chronotrack" | "webscorer" | "mylaps" | "copernico" | "pikatimer" | "generic" | "csv" | "json" | "xlsx";
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The file */
                200: {
                    headers: {
                        /** @description The instant of the snapshot */
                        "Startlist-At"?: string;
                        /** @description When the oldest detail was read */
                        "Startlist-Bibs-As-Of"?: string;
                        /** @description Of how many of them the details, and so the bibs, are not read yet */
                        "Startlist-Pending"?: string;
                        /** @description Up to which position of the change feed it goes */
                        "Startlist-Position"?: string;
                        /** @description How many are on the start list */
                        "Startlist-Registrations"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                        "application/octet-stream": string;
                        "text/csv": string;
                        "text/plain": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/freezes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Freezes of an event, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before */
                    cursor?: string;
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of freezes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FreezePage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Freeze the start list as it stands now */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The freeze */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Freeze"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/freezes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A freeze, checked against its signature */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The freeze, and what is still proven of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FreezeVerdict"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Remove a freeze, for good
         * @description Also one that is damaged. A run says who did it. What was exported of it stays with whoever has it.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is gone */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/freezes/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The document that was signed
         * @description Its SHA-256 is the one that was signed, unless privacy took something out of it since.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The file */
                200: {
                    headers: {
                        /** @description The instant of the snapshot */
                        "Startlist-At"?: string;
                        /** @description When the oldest detail was read */
                        "Startlist-Bibs-As-Of"?: string;
                        /** @description Of how many of them the details, and so the bibs, are not read yet */
                        "Startlist-Pending"?: string;
                        /** @description Up to which position of the change feed it goes */
                        "Startlist-Position"?: string;
                        /** @description How many are on the start list */
                        "Startlist-Registrations"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                        "application/octet-stream": string;
                        "text/csv": string;
                        "text/plain": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/freezes/{id}/exports/{format}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A frozen list as a file
         * @description The same bytes, whenever it is asked for, unless privacy took something out of it since.
         */
        get: {
            parameters: {
                query?: {
                    blankBib?: string;
                    bom?: "yes" | "no";
                    dateOrder?: "ymd" | "mdy" | "dmy";
                    delimiter?: "comma" | "semicolon" | "tab" | "pipe";
                    encoding?: "utf-8" | "utf-16le" | "windows-1252";
                    formulas?: "exact" | "guarded";
                    ids?: "plain" | "namespaced";
                    rows?: "registration" | "entry";
                    sex?: "M/F/X" | "m/f/x" | "Male/Female/Non-binary" | "male/female/other" | "provider";
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    format: "raceresult" | "chronotrack" | "webscorer" | "mylaps" | "copernico" | "pikatimer" | "generic" | "csv" | "json" | "xlsx";
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The file */
                200: {
                    headers: {
                        /** @description The instant of the snapshot */
                        "Startlist-At"?: string;
                        /** @description When the oldest detail was read */
                        "Startlist-Bibs-As-Of"?: string;
                        /** @description Of how many of them the details, and so the bibs, are not read yet */
                        "Startlist-Pending"?: string;
                        /** @description Up to which position of the change feed it goes */
                        "Startlist-Position"?: string;
                        /** @description How many are on the start list */
                        "Startlist-Registrations"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                        "application/octet-stream": string;
                        "text/csv": string;
                        "text/plain": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Marks, oldest first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All marks of the event */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MarkPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Set a mark behind the newest change */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewMark"];
                };
            };
            responses: {
                /** @description It is set */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Mark"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/marks/{mark}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a mark */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    mark: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is gone */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Registrations of an event, by name
         * @description With `If-None-Match` an unchanged page costs no look at the registrations, and answers 304.
         */
        get: {
            parameters: {
                query?: {
                    category?: string;
                    /** @description `next` of the page before */
                    cursor?: string;
                    limit?: number;
                    /** @description Words of name, team, bib or number */
                    q?: string;
                    /** @description Without one: all that are not removed */
                    status?: "active" | "cancelled" | "transferred" | "deferred" | "removed";
                    wave?: string;
                };
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of registrations */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ParticipantPage"];
                    };
                };
                /** @description As `If-None-Match` has it */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/participants/{participantId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One registration */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    participantId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The registration */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ParticipantDetail"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/participants/{participantId}/bib": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Give a registration a bib of the timing partner’s, or take it back */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                    participantId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default false */
                        allowDuplicates?: boolean;
                        /** @description Null takes it back */
                        bib: string | null;
                    };
                };
            };
            responses: {
                /** @description The bib */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GivenBib"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What syncing now costs */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Calls, and calls left */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SyncCost"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Sync now
         * @description The account’s next call is this list’s, spent from the calls that are kept for a person. Answered at once: `see` tells when it was done, and the stream of changes what came of it.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The `key` of an event */
                    event: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Asked for */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AskedSync"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/export-formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The formats of files, with what can be chosen for each and what it does by default */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All formats */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ExportFormatPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for a decision, oldest first */
        get: {
            parameters: {
                query?: {
                    /** @description The last hundred decided as well */
                    decided?: boolean;
                    /** @description The `key` of an event */
                    event?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Holds */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HoldPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/holds/{hold}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The provider is right
         * @description Removals are carried out, for everybody who shares the account; `POST /runs/{run}/undo` takes one back.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    hold: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Applied */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AppliedHold"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/holds/{hold}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The provider is wrong: what is stored stays */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    hold: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Discarded */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Hold"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/partners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Timing partners; to one of them itself alone */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Timing partners by id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PartnerPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rejects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Records and fields that could not be stored as they came */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before */
                    cursor?: string;
                    /** @description The `key` of an event */
                    event?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of rejects, without what was sent */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RejectPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rejects/{reject}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them, with what the provider sent */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    reject: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The reject */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RejectDetail"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rejects/{reject}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read it again by the rules of this release, without a call */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    reject: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Whether it is readable now */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RetriedReject"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What startlist did, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Only what changed something */
                    changed?: boolean;
                    /** @description `next` of the page before */
                    cursor?: string;
                    /** @description The `key` of an event */
                    event?: string;
                    /** @description Only what did not end well */
                    failed?: boolean;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of runs */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RunPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run, with the calls that its event was asked for meanwhile
         * @description Calls are kept for a day.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    run: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RunDetail"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runs/{run}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back all that a run did
         * @description As new entries of the feed. 409 where a registration was changed again later, unless `onlyUntouched`. The provider is asked again, and keeps the last word.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    run: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UndoRequest"];
                };
            };
            responses: {
                /** @description Taken back */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UndoneRun"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Whoever asks */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Sign a browser in
         * @description Sets an http-only cookie. A link works once.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SignIn"];
                };
            };
            responses: {
                /** @description Signed in */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Sign a browser out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Signed out, or was not signed in */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * That something changed, as it happens
         * @description Server-sent events that say what to ask for again. `list`: the feed of a list (an event, or a race of several at RunSignUp) has grown, `{list, position}`. `account`: a pass over one of its lists ended, `{account}`. `all`: anything may have changed; it is the first, and comes whenever something may have been missed.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Webhooks, never their secrets */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All webhooks */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Post changes to an address from now on
         * @description The signing secret is in this answer, and in no other.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewWebhook"];
                };
            };
            responses: {
                /** @description It is added */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AddedWebhook"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{webhook}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Post nothing there any more */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    webhook: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is gone */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{webhook}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its last deliveries, newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path: {
                    webhook: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The last ones */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeliveryPage"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{webhook}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message now
         * @description One that arrives switches a webhook on again, and what it has missed is sent.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    webhook: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It arrived */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Webhook"];
                    };
                };
                /** @description A problem (RFC 9457) */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AccountLine: {
            /** @description What is still to be read for the first time; null when all was */
            backfill: {
                calls: number;
                callsLeft: number;
                details: number;
                events: number;
                pages: number;
                rows: number;
                spare: number;
                /** @description ms at this pace; null without a spare call */
                takes: number | null;
                unknown: number;
            } | null;
            /** @description Its first ten characters */
            clientId: string;
            id: number;
            limit: number;
            organizations: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            pausedUntil: string | null;
            pauseReason: string | null;
            provider: string;
            /** @description Factors on poll intervals, within a day of the start and before */
            stretch: {
                far: number;
                near: number;
            };
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            unorderedSince: string | null;
            /** @description Calls of the rolling hour */
            used: number;
        };
        AccountPage: {
            items: components["schemas"]["AccountLine"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        AddedWebhook: components["schemas"]["Webhook"] & {
            /** @example whsec_... */
            secret: string;
        };
        AppliedHold: {
            hold: components["schemas"]["Hold"];
            removed: number;
            /** @description To undo it by */
            runs: number[];
        };
        AskedSync: {
            cost: components["schemas"]["SyncCost"];
            event: string;
            /** @description A `run` keeps the lists; without one nobody looks */
            running: boolean;
            /** @description Where `polledAt` tells that it was done */
            see: string;
        };
        Audit: {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            auditedAt: string;
            /** @description Of these changed behind an unchanged list row */
            blind: number;
            calls: number;
            complete: boolean;
            /** @description Fifty at most */
            findings: {
                /** @description Names of columns, never values */
                fields: string[];
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                firstSeen: string;
                /** @enum {string} */
                kind: "count" | "row" | "feed";
                participantId: string | null;
            }[];
            listId: string;
            name: string;
            /** @description Registrations that are stored */
            ours: number;
            partnerId: number;
            provider: string;
            /** @description Registrations that were read one by one */
            sampled: number;
            /** @description That the provider counts; null where it does not */
            theirs: number | null;
            verdict: string;
        };
        AuditPage: {
            items: components["schemas"]["Audit"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        BackfillProgress: {
            accounts: components["schemas"]["AccountLine"][];
            races: components["schemas"]["BackfillRace"][];
        };
        BackfillRace: {
            accountId: number | null;
            complete: boolean;
            listId: string;
            name: string;
            /** @description Of the reading under way */
            pages: number;
            /** @description Stored so far */
            participants: number;
            pending: number;
            seen: number;
            /** @description Null where the provider does not say */
            total: number | null;
        };
        BibAuthority: {
            /** @enum {string} */
            bibAuthority: "provider" | "local";
            /** @description People who have another bib now */
            changed: number;
        };
        BibConflict: {
            /** @description The effective one */
            bib: string;
            /**
             * @description Several people hold the bib; or the provider gave one, and the timing partner another
             * @enum {string}
             */
            kind: "twice" | "differs";
            /** @description False: cancelled or removed, and still holds the bib of another */
            live: boolean;
            localBib: string | null;
            name: string;
            providerBib: string | null;
            registration: string;
            status: string;
        };
        BibConflictPage: {
            items: components["schemas"]["BibConflict"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        Board: {
            accounts: components["schemas"]["AccountLine"][];
            /**
             * Format: date-time
             * @description As of when all this is
             * @example 2026-05-02T11:00:00.000Z
             */
            at: string;
            /** @description Races that are over, and so not shown */
            over: number;
            races: components["schemas"]["BoardRace"][];
            standing: {
                accounts: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                lastAt: string | null;
                late: number;
                needs: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                nextAt: string | null;
                races: number;
                running: boolean;
                unread: number;
            };
            troubles: components["schemas"]["Trouble"][];
            /** @example Up to date, 42 s ago. Next check 06:41:20. Nothing needs you. */
            verdict: string;
        };
        BoardRace: {
            accountId: number | null;
            active: number;
            changedThisHour: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            completeAt: string | null;
            events: {
                key: string;
                name: string;
                partner: string;
                partnerId: number;
            }[];
            freshness: components["schemas"]["Freshness"];
            /** @description What one call lists: an event, or a race of several */
            listId: string;
            missing: boolean;
            name: string;
            participants: number;
            provider: string;
            startAssumed: boolean;
            startDay: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            startsAt: string | null;
            /** @description The last six hours in 72 slots, oldest first: was the list as new as its target? */
            strip: ("kept" | "late" | "none")[];
            timezone: string | null;
            troubled: boolean;
        };
        Change: {
            bib: string | null;
            /** @enum {string} */
            change: "added" | "changed" | "cancelled" | "removed" | "restored" | "transferred" | "deferred" | "adopted";
            eventId: string | null;
            /**
             * @description Column -> [old, new]
             * @example {
             *       "bib_number": [
             *         "101",
             *         "102"
             *       ]
             *     }
             */
            fields: {
                [key: string]: [
                    unknown,
                    unknown
                ];
            };
            /** @description As it is now, like bib and event */
            firstName: string | null;
            lastName: string | null;
            participantId: string;
            /** @description Without a gap, in the list that the event is read in */
            position: number;
            /** @description What `startlist undo` takes */
            runId: number | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            seenAt: string;
            /**
             * Format: date-time
             * @description The provider’s time; null: it says none
             * @example 2026-05-02T11:00:00.000Z
             */
            sourceUpdatedAt: string | null;
        };
        ChangePage: {
            items: components["schemas"]["Change"][];
            next: string | null;
            /** @description What was read up to, when the pages are: the next `after` */
            position: number;
        };
        CheckFinding: {
            /** @enum {string} */
            code: "duplicate-bib" | "duplicate-chip" | "bib-out-of-range" | "missing-sex" | "missing-age" | "impossible-age" | "missing-category" | "chip-as-bib" | "age-contradiction" | "same-person" | "bib-of-cancelled" | "missing-bib" | "details-pending";
            /** @description People */
            count: number;
            people: components["schemas"]["FoundPerson"][];
            sentence: string;
            /** @enum {string} */
            severity: "problem" | "warning";
        };
        CheckReport: {
            findings: components["schemas"]["CheckFinding"][];
            /** @description Who race */
            people: number;
            /** @description Findings with which the race cannot be timed right */
            problems: number;
            warnings: number;
        };
        Credential: {
            accountId: number | null;
            /** @description Its first ten characters */
            clientId: string;
            events: number;
            /** @description What to do; null when it works */
            hint: string | null;
            id: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            lastSuccess: string | null;
            organization: string | null;
            partner: string;
            partnerId: number;
            provider: string;
            /** @description Another credential has its client id: one account, one quota */
            shared: boolean;
            /** @enum {string} */
            state: "Ready" | "Refused" | "Untested" | "Paused";
            why: string | null;
        };
        CredentialPage: {
            items: components["schemas"]["Credential"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        Delivery: {
            after: number;
            attempts: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            deliveredAt: string | null;
            error: string | null;
            /**
             * @description The list that changed
             * @example haku:3:5f3a91c2
             */
            event: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            givenUpAt: string | null;
            /** @description The `webhook-id` of each try, and `event_id` of its body */
            id: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            madeAt: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            nextAt: string | null;
            /** @description Of the last answer; null when there was none */
            status: number | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            triedAt: string | null;
            /** @description The position of the last change in it */
            until: number;
        };
        DeliveryPage: {
            items: components["schemas"]["Delivery"][];
            next: null;
        };
        Event: {
            /** @description Null when no credential feeds it */
            accountId: number | null;
            /** @enum {string} */
            bibAuthority: "provider" | "local";
            cadence: string;
            /**
             * Format: date-time
             * @description Nothing was missing then; null: not complete yet
             * @example 2026-05-02T11:00:00.000Z
             */
            completeAt: string | null;
            /** @description The partner’s rows are as new as the account’s */
            current: boolean;
            endDay: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            endsAt: string | null;
            eventId: string;
            /** @description Passes in a row that failed */
            failures: number;
            /**
             * @description For addresses, percent-encoded
             * @example haku:3:5f3a91c2
             */
            key: string;
            lastError: string | null;
            /** @description The provider does not list it any more; its rows are kept */
            missing: boolean;
            name: string;
            partner: string;
            partnerId: number;
            /**
             * Format: date-time
             * @description The list was last looked at
             * @example 2026-05-02T11:00:00.000Z
             */
            polledAt: string | null;
            /** @enum {string} */
            provider: "haku" | "runsignup";
            /** @description The race that lists it with others, at RunSignUp */
            race: string | null;
            /** @description `startsAt` was read in New York, for lack of a zone */
            startAssumed: boolean;
            /**
             * @description A day without a time of day
             * @example 2026-05-02
             */
            startDay: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            startsAt: string | null;
            /** @description As the provider has it */
            status: string | null;
            /**
             * Format: date-time
             * @description The list was last read whole
             * @example 2026-05-02T11:00:00.000Z
             */
            sweptAt: string | null;
            /**
             * @description IANA; null: nobody knows it
             * @example America/New_York
             */
            timezone: string | null;
        };
        EventDetail: components["schemas"]["Event"] & {
            categories: components["schemas"]["EventGroup"][];
            counts: {
                active: number;
                /** @description Of the whole list */
                changedThisHour: number;
                participants: number;
                removed: number;
                /** @description Of the active ones */
                withoutBib: number;
            };
            freshness: components["schemas"]["Freshness"] & unknown;
            /** @description Null when no credential feeds it */
            next: {
                blockedBy: string | null;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                blockedUntil: string | null;
                limit: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                pollAt: string | null;
                /** @description Why then, or why not at all */
                reason: string;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                sweepAt: string | null;
                used: number;
            } | null;
            /** @description Null when it is over: the board has it no more */
            strip: ("kept" | "late" | "none")[] | null;
            troubles: components["schemas"]["Trouble"][];
            waves: components["schemas"]["EventGroup"][];
        };
        EventGroup: {
            active: number;
            /** @description Null: of none */
            name: string | null;
            /** @description Cancelled, transferred or deferred */
            withdrawn: number;
        };
        EventPage: {
            items: components["schemas"]["Event"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        ExportFormat: {
            extension: string;
            /** @enum {string} */
            format: "raceresult" | "chronotrack" | "webscorer" | "mylaps" | "copernico" | "pikatimer" | "generic" | "csv" | "json" | "xlsx";
            options: components["schemas"]["ExportOption"][];
            /**
             * @description Who reads it
             * @example RACE RESULT 12 and 14
             */
            title: string;
        };
        ExportFormatPage: {
            items: components["schemas"]["ExportFormat"][];
            next: null;
        };
        ExportOption: {
            /**
             * @description Of the parameter
             * @example delimiter
             */
            name: string;
            /**
             * @description What the importer wants
             * @example comma
             */
            preset: string;
            /** @description Null: any short text */
            values: string[] | null;
        };
        Forecast: {
            accountId: number;
            advice: {
                /** @description Client ids that would do */
                accounts: number | null;
                changes: {
                    cadence: string | null;
                    listId: string;
                    name: string;
                }[];
                /** @enum {string} */
                kind: "cadence" | "accounts";
            }[];
            /** @description Calls of an hour that polls may count on */
            capacity: number;
            fits: boolean;
            hours: {
                /** @description Calls that polls ask for */
                asked: number;
                details: number;
                fits: boolean;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                from: string;
                /** @description Calls that polls get */
                polls: number;
                rounds: number;
                spare: number;
                stretch: number;
                sweeps: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                to: string;
                upkeep: number;
                waiting: number;
            }[];
            late: {
                /** @description ms that were asked for */
                every: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                from: string;
                listId: string;
                maxMs: number;
                meanMs: number;
                name: string;
                /** @description ms that come of it */
                polledEvery: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                to: string;
            }[];
            limit: number;
            peak: {
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                from: string;
                polls: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                to: string;
            };
            /** @description What will not fit, or that all will */
            sentence: string;
            /** @description Where its hours are read */
            timezone: string;
            /** @description Not read whole yet: nobody can count their calls */
            unknown: {
                listId: string;
                name: string;
            }[];
        };
        FoundPerson: {
            bib: string | null;
            eventId: string;
            /** @description Path of the row */
            link: string;
            name: string;
            /**
             * @description What it is about in the words of the row
             * @example age 126
             */
            note: string;
            registration: string;
        };
        Freeze: {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            bibsAsOf: string | null;
            /** @description Rows that privacy took something out of since */
            erased: number;
            /** @description Its name then */
            event: string;
            freezeId: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            frozenAt: string;
            frozenBy: string;
            /** @description Rows whose details were not read yet */
            pending: number;
            /** @description Of the change feed */
            position: number;
            rows: number;
            /** @description Of the document, in hex */
            sha256: string;
            /** @description A compact JWS (Ed25519) with the public key in its head */
            signature: string;
        };
        FreezePage: {
            items: components["schemas"]["ListedFreeze"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        FreezeVerdict: components["schemas"]["Freeze"] & {
            erasedBy: {
                forget: number;
                kept: number;
                retention: number;
            };
            faults: string[];
            /** @description All that is there is as it was signed */
            genuine: boolean;
            /** @description Rows as they were signed */
            intact: number;
        };
        Freshness: {
            /** @description ms that a bib may grow old */
            bibLimit: number;
            /**
             * Format: date-time
             * @description The oldest bib; null where the list brings them
             * @example 2026-05-02T11:00:00.000Z
             */
            bibsAsOf: string | null;
            bibsLate: boolean;
            /** @description ms between two polls now; null when none is to come */
            every: number | null;
            late: boolean;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            nextAt: string | null;
            /** @description Registrations whose detail is still to be read */
            pending: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            polledAt: string | null;
            /** @description ms, where calls are too few for `every` */
            stretchedTo: number | null;
        };
        GivenBib: {
            /** @description And after: the provider’s, where that counts */
            after: string | null;
            /** @description The effective one before */
            before: string | null;
            /** @description That was asked for */
            bib: string | null;
            name: string | null;
            /** @enum {string} */
            outcome: "give" | "take" | "same" | "gone" | "unknown" | "ambiguous" | "conflict";
            registration: string | null;
            /** @description To undo it; null: nothing was written */
            runId: number | null;
            /** @description Registrations, or lines, that it is in conflict with */
            with: string[];
        };
        GivenBibs: {
            /** @description Something stands in the way of all of it */
            blocked: boolean;
            /** @description Bibs that were written */
            changed: number;
            counts: {
                ambiguous: number;
                conflict: number;
                give: number;
                gone: number;
                same: number;
                unknown: number;
            };
            /** @description All but those that stay the same */
            lines: components["schemas"]["PlannedBib"][];
            preview: boolean;
            /** @description To undo it; null: nothing was written */
            runId: number | null;
        };
        Hold: {
            /** @description Registrations that it is about */
            absent: number;
            accountId: number;
            /** @description Of these asked for one by one */
            asked: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            decidedAt: string | null;
            decidedBy: string | null;
            /** @description Of these still there */
            found: number;
            id: number;
            /** @enum {string} */
            kind: "removal" | "foreign_list";
            known: number;
            /** @description The event, or at RunSignUp the race, that is held */
            listId: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            openedAt: string;
            provider: string;
            reason: string;
            /** @enum {string} */
            state: "open" | "applied" | "discarded" | "superseded";
        };
        HoldPage: {
            items: components["schemas"]["Hold"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        ListedFreeze: {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            bibsAsOf: string | null;
            /** @description Somebody changed it in the database: what is null cannot be told, and no file be had */
            damaged: boolean;
            /** @description Rows that privacy took something out of since */
            erased: number;
            /** @description Its name then */
            event: string | null;
            freezeId: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            frozenAt: string | null;
            frozenBy: string;
            /** @description Rows whose details were not read yet */
            pending: number | null;
            /** @description Of the change feed */
            position: number | null;
            rows: number;
            /** @description Of the document, in hex */
            sha256: string;
            /** @description A compact JWS (Ed25519) with the public key in its head */
            signature: string;
        };
        Mark: {
            id: number;
            /** @description False: some of those were purged, and are told to nobody */
            kept: boolean;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            madeAt: string;
            /** @example bibs printed */
            name: string;
            /** @description The last change before it */
            position: number;
            /** @description How many changes came since */
            since: number;
        };
        MarkPage: {
            items: components["schemas"]["Mark"][];
            next: null;
        };
        NewMark: {
            /**
             * @description Set a mark of this name anew, instead of 409
             * @default false
             */
            move: boolean;
            name: string;
            /** @description Behind this change instead, such as the last one that is in an export */
            position?: number;
        };
        NewWebhook: {
            /** @description Whose changes: an administrator has to say */
            partnerId?: number;
            /** @example https://timing.example.com/startlist */
            url: string;
        };
        Participant: {
            /** @description On race day where it can be told, else as listed */
            age: number | null;
            /** @description The one to start with */
            bib: string | null;
            category: string | null;
            chip: string | null;
            corral: string | null;
            dateOfBirth: string | null;
            firstName: string | null;
            /** @description As the provider spells it */
            gender: string | null;
            /** @description The registration number: it never changes, and is never the bib */
            id: string;
            lastName: string | null;
            localBib: string | null;
            providerBib: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            registeredAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            removedAt: string | null;
            /** @example active */
            status: string;
            team: string | null;
            wave: string | null;
        };
        ParticipantDetail: components["schemas"]["Participant"] & {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            detailReadAt: string | null;
            email: string | null;
            /** @description Its detail is still to be read, and so perhaps its bib */
            pending: boolean;
            phone: string | null;
            /**
             * Format: date-time
             * @description When the provider says that it last changed
             * @example 2026-05-02T11:00:00.000Z
             */
            sourceUpdatedAt: string | null;
            /** @description The registration that took its place */
            successor: string | null;
        };
        ParticipantPage: {
            items: components["schemas"]["Participant"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        Partner: {
            /** @description Of its events; null for the default */
            cadence: string | null;
            credentials: number;
            events: number;
            id: number;
            name: string;
            retentionDays: number | null;
            timezone: string | null;
        };
        PartnerPage: {
            items: components["schemas"]["Partner"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        PlannedBib: {
            /** @description And after: the provider’s, where that counts */
            after: string | null;
            /** @description Whom it names: a registration, or a name */
            asked: string | null;
            /** @description The effective one before */
            before: string | null;
            /** @description That was asked for */
            bib: string | null;
            /** @description Of the file */
            line: number;
            name: string | null;
            /** @enum {string} */
            outcome: "give" | "take" | "same" | "gone" | "unknown" | "ambiguous" | "conflict";
            registration: string | null;
            /** @description Registrations, or lines, that it is in conflict with */
            with: string[];
        };
        Problem: {
            /** @description For a program: codes are added, never renamed */
            code: string;
            /** @description What to do */
            hint?: string;
            status: number;
            /** @description For a person */
            title: string;
            type: string;
        };
        Quota: {
            accountId: number;
            /** @description Details read again behind unchanged list rows, and how many of them had changed */
            blindness: {
                blind: number;
                read: number;
                sentence: string | null;
            };
            /** @description Share of the limit that is left to other programs */
            externalUse: number;
            /** @description Of the last day, those without a call left out */
            hours: {
                backfill: number;
                /**
                 * Format: date-time
                 * @example 2026-05-02T11:00:00.000Z
                 */
                from: string;
                person: number;
                poll: number;
                upkeep: number;
            }[];
            limit: number;
            provider: string;
            /** @description Kept for a person, and for upkeep */
            reserved: number;
            spare: number;
            spent: {
                calls: number;
                class: string;
                listId: string | null;
            }[];
            /** @description Calls of the rolling hour */
            used: number;
        };
        Reject: {
            field: string | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            firstSeen: string;
            id: number;
            /** @enum {string} */
            kind: "record" | "field";
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            lastSeen: string;
            listId: string;
            /** @description Null for a record without a number */
            participantId: string | null;
            partnerId: number;
            provider: string;
            reason: string;
        };
        RejectDetail: components["schemas"]["Reject"] & {
            /** @description What the provider sent: it may be personal */
            raw: string;
        };
        RejectPage: {
            items: components["schemas"]["Reject"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        RetriedReject: {
            stored: boolean;
        };
        Run: {
            calls: number;
            complete: boolean | null;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            endedAt: string | null;
            error: {
                code: string;
                hint: string | null;
            } | null;
            holdId: number | null;
            id: number;
            inserted: number;
            /** @example poll */
            kind: string;
            /** @description The event or race; null for a discovery */
            listId: string | null;
            name: string | null;
            /** @description What a person did, and who */
            note: string | null;
            partner: string;
            partnerId: number;
            /** @description Quiet polls of an hour count in one run */
            polls: number;
            provider: string;
            rejected: number;
            removed: number;
            seen: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            startedAt: string | null;
            /** @example success */
            status: string | null;
            unchanged: number;
            undoable: boolean;
            updated: number;
        };
        RunCall: {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            at: string;
            class: string;
            errorCode: string | null;
            ms: number | null;
            /** @example list */
            purpose: string;
            status: number | null;
        };
        RunDetail: components["schemas"]["Run"] & {
            messages: components["schemas"]["RunCall"][];
        };
        RunPage: {
            items: components["schemas"]["Run"][];
            /** @description Cursor of the next page; null behind the last */
            next: string | null;
        };
        Session: {
            admin: boolean;
            /**
             * Format: date-time
             * @description Of a browser’s sign-in; null for a token itself
             * @example 2026-05-02T11:00:00.000Z
             */
            expiresAt: string | null;
            /** @description Of the token */
            name: string;
            /** @description Null for an administrator */
            partnerId: number | null;
        };
        SignIn: {
            /** @description Of `startlist tokens create`, or of the link of `startlist run` */
            token: string;
        };
        SyncCost: {
            /** @description Somebody has asked for it already */
            asked: boolean;
            /** @description That it makes */
            calls: number;
            /** @description Changes cost calls that nobody can count before */
            isLeast: boolean;
            /** @enum {string} */
            kind: "poll" | "sweep";
            /** @description Calls that a person may make now */
            left: number;
            limit: number;
            /**
             * Format: date-time
             * @description The first of them may go then; null: at once
             * @example 2026-05-02T11:00:00.000Z
             */
            notBefore: string | null;
            note: string;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            polledAt: string | null;
            /** @description Calls of the account in the rolling hour */
            used: number;
        };
        Trouble: {
            hint: string;
            holdId: number | null;
            /** @description The events or races that it is about; none: an account */
            listIds: string[];
            message: string;
            needsPerson: boolean;
            /** @example late */
            problem: string;
            subject: string;
        };
        UndoneRun: {
            changed: number;
            /** @description That wait for a decision again */
            holds: number[];
            removed: number;
            /** @description Registrations that the next pass reads again, a call each at most */
            rereads: number;
            restored: number;
            /** @description The undoing itself: it can be undone as well */
            run: number;
            skipped: number;
        };
        UndoRequest: {
            /** @default false */
            onlyUntouched: boolean;
        };
        Webhook: {
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            disabledAt: string | null;
            disabledReason: string | null;
            /**
             * Format: date-time
             * @description Nothing has arrived since
             * @example 2026-05-02T11:00:00.000Z
             */
            failingSince: string | null;
            /** @description Deliveries that are not; a test that arrives tries them again */
            givenUp: number;
            id: number;
            /**
             * Format: date-time
             * @example 2026-05-02T11:00:00.000Z
             */
            madeAt: string;
            partnerId: number;
            url: string;
            /** @description Deliveries that are still tried */
            waiting: number;
        };
        WebhookPage: {
            items: components["schemas"]["Webhook"][];
            next: null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
