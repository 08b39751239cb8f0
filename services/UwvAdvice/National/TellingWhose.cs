using System.Threading.Channels;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>
/// Tells in the background whose requests are of which it was never told, a few at a time: at the start those from before it
/// was told at all, later those that an index that was restored learned again. The mark that a request was told is written
/// with the event, so that this may stop anywhere.
/// </summary>
internal sealed class TellingWhose(ServiceRuntime<UwvStore, UwvPlatformStore> runtime, ILogger<TellingWhose> log) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(5);
    private static readonly Caller Self = Caller.OfService("uwv");

    // One is enough: each run tells all that there is.
    private readonly Channel<bool> _wanted =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The index learned of a request without telling whose it is.</summary>
    public void Wake() => _wanted.Writer.TryWrite(true);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                while (!await TryTellAsync(stoppingToken))
                {
                    await Task.Delay(RestAfterFailure, runtime.Clock, stoppingToken);
                }
                await _wanted.Reader.ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on where this one was stopped.
        }
    }

    private async Task<bool> TryTellAsync(CancellationToken cancel)
    {
        try
        {
            while (await runtime.PlatformStore.WriteAsync(WriteInfo.Capture(Self, cancel: cancel), session => Recognition.TellSome(session, AtOnce)))
            {
                await Task.Delay(Rest, runtime.Clock, cancel);
            }
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            log.LogError("It could not be told whose requests are; next try in {Rest}: {Fault}", RestAfterFailure, FaultText.Of(error));
            return false;
        }
    }
}
