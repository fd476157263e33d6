"""What no change of the code brought about: runner, network, services, limits, access, and the workflow itself.

These shapes are weaker than those of tools, because programs under test print the same words; ``classify`` lets a tool's own
failure win over them.
"""

from app.domain.failure.tools.shape import Shape
from app.domain.failure.types import FailureType

_NETWORK = (
    r"Could not resolve host|Temporary failure in name resolution|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|Name or service not known"
    r"|Connection (?:timed out|reset by peer|refused)|Failed to connect to|Network is unreachable|No route to host"
    r"|Read timed out|ReadTimeoutError|TLS handshake timeout|i/o timeout|ECONNRESET|ETIMEDOUT|ECONNREFUSED"
    r"|unexpected EOF while reading|The remote end hung up unexpectedly|Recv failure|Operation timed out after"
    r"|net/http: request canceled|RPC failed|early EOF|socket hang up"
)
_SERVICE = (
    r"\b50[0234]\b (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)|returned error: 50\d"
    r"|HTTP (?:status )?50\d|error: 50\d|Failed to download (?:archive|action)|Unable to fetch some archives|Failed to fetch http"
    r"|Hash Sum mismatch|The hosted runner (?:lost|encountered)|The self-hosted runner .{0,80}lost"
    r"|lost communication with the server"
    r"|The runner has received a shutdown signal|Cannot connect to the Docker daemon|Unable to reserve cache"
    r"|Cache service responded with 5|Failed to (?:CreateArtifact|FinalizeArtifact)"
)
_TLS = (
    r"SSL certificate problem|certificate (?:has expired|verify failed|is not trusted)"
    r"|CERTIFICATE_VERIFY_FAILED|x509: certificate"
    r"|SSL_ERROR_|handshake_failure|server certificate verification failed"
)
_LIMIT = r"toomanyrequests|rate limit exceeded|API rate limit|429 Too Many Requests|secondary rate limit|pull rate limit"
_MEMORY = (
    r"JavaScript heap out of memory|java\.lang\.OutOfMemoryError|Cannot allocate memory|Out of memory|out of memory: Killed"
    r"|runtime: out of memory|OOMKilled|signal: killed"
)
_ACCESS = (
    r"Resource not accessible by integration|Permission to \S+ denied|remote: Permission|Authentication failed for"
    r"|could not read (?:Username|Password)|Permission denied \(publickey|HTTP 40[13]|returned error: 403|\b403 Forbidden"
    r"|\b401 Unauthorized|unauthorized: (?:authentication required|incorrect username)|denied: (?:requested access|permission)"
    r"|Could not load credentials from any providers|not authorized to perform|AccessDenied|InvalidClientTokenId|ExpiredToken"
    r"|Bad credentials|refusing to allow an? .{1,40} to create or update workflow|Unable to get ACTIONS_ID_TOKEN_REQUEST"
    r"|Credentials could not be loaded|Not authenticated"
)
_UNGIVEN = (
    r"Input required and not supplied: \S*(?:token|key|secret|password)"
    r"|(?:[Ss]ecret|[Tt]oken|API key|[Cc]redentials?) (?:is|are) (?:missing|not set|required|empty)"
    r"|[Mm]issing (?:required )?(?:secret|API (?:token|key)|credentials|access token)"
    r"|environment variable \S*(?:TOKEN|SECRET|KEY|PASSWORD)\S* (?:is )?(?:not set|required"
    r"|missing)|Username and password required"
)
_TIMEOUT = (
    r"^The job (?:running on runner .{0,300} )?has exceeded the maximum execution time|^The job exceeded the maximum time limit"
    r"|^The (?:action|operation) '.{0,200}' has timed out|^No output has been received in the last"
)
_WORKFLOW = (
    r"^(?:Unable to resolve action|Can't find 'action\.yml'|Invalid workflow file|The workflow is not valid"
    r"|Missing download info for|This request has been automatically failed because it uses a deprecated version"
    r"|Version .{1,60} with arch .{1,20} not found|No file in .{1,200} matched to|Input required and not supplied)"
)
_CHECKOUT = r"fatal: (?:couldn't find remote ref|Remote branch .{1,200} not found|reference is not a tree)"
_NO_COMMAND = r": command not found|: not found$|is not recognized as an internal or external command|is currently not installed"

SHAPES = (
    Shape("network", FailureType.INFRA, _NETWORK, strength=0.6),
    Shape("service", FailureType.INFRA, _SERVICE, strength=0.65),
    Shape("tls", FailureType.INFRA, _TLS, strength=0.6),
    Shape("rate limit", FailureType.INFRA, _LIMIT, strength=0.65),
    Shape("memory", FailureType.INFRA, _MEMORY, strength=0.6),
    Shape("disk", FailureType.INFRA, r"No space left on device|ENOSPC|Disk quota exceeded", strength=0.75),
    Shape("access", FailureType.PERMISSION, _ACCESS, strength=0.65),
    Shape("secret", FailureType.PERMISSION, _UNGIVEN, strength=0.8),
    Shape("timeout", FailureType.TIMEOUT, _TIMEOUT, strength=0.9),
    Shape("workflow", FailureType.CONFIG, _WORKFLOW, strength=0.75),
    Shape("checkout", FailureType.CONFIG, _CHECKOUT, strength=0.65),
    Shape("shell", FailureType.CONFIG, _NO_COMMAND, strength=0.7),
    Shape("shell", FailureType.CONFIG, r": No such file or directory", strength=0.45),
    Shape("shell", FailureType.PERMISSION, r": Permission denied$", strength=0.5),
)
