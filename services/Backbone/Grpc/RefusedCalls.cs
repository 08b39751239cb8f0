using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Counts refused calls. Of those that point at a broken or strange client it also tells the log: at most one line a second for
/// each reason, so that nobody fills the log by calling.
/// </summary>
public sealed class RefusedCalls(ILogger<RefusedCalls> log)
{
    private const int RestMilliseconds = 1000;

    private readonly Dictionary<ErrorReason, Told> _told = new()
    {
        [ErrorReason.NotAuthenticated] = new(), [ErrorReason.KindNotAllowed] = new(), [ErrorReason.MessageUnreadable] = new(),
    };

    /// <summary>A call was refused.</summary>
    internal void Note(string method, ErrorReason reason)
    {
        CallInstruments.Refused(method, reason);
        if (!_told.TryGetValue(reason, out var told) || told.IsTooSoon(out var untold)) return;
        log.LogInformation(
            "{Method} was refused: {Reason}; {Untold} more since the last line.", method, RefusalStatus.NameOf(reason), untold);
    }

    private sealed class Told
    {
        private readonly Lock _gate = new();
        private long _next;
        private int _untold;

        public bool IsTooSoon(out int untold)
        {
            lock (_gate)
            {
                untold = _untold;
                var now = Environment.TickCount64;
                if (now < _next)
                {
                    _untold++;
                    return true;
                }

                (_next, _untold) = (now + RestMilliseconds, 0);
                return false;
            }
        }
    }
}
