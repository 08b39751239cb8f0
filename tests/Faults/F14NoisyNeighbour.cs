using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using Google.Rpc;
using Grpc.Core;

namespace BeschutWerk.Faults;

/// <summary>
/// One municipality takes all that it can get: its placements are reported without a pause, one of its clients asks for cases and
/// figures without a pause and opens far more feeds than it may. Others go on at their own pace: they are answered, and not refused.
/// </summary>
internal sealed class NoisyNeighbour : Fault
{
    private const double Pace = 50;
    private const int Bar = 3;
    private static readonly string[] Limited = ["municipalities", "swcompanies", "insight"];
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(50);

    /// <summary>The noisy client comes again sooner than it is told; without any pause it would take this program's processor too.</summary>
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    public override string Id => "F14";

    public override string What => "one municipality with bulk, costly queries and many subscriptions beside others at a steady pace";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var platform = scenery.Platform;
        // The same limits as always, but small enough to be reached within seconds.
        await RestartAsync(platform,
        [
            $"--Limits:ClientStreams={extent.Of(100, 9000)}", "--Limits:MunicipalityStreams=20000", "--Limits:ClientOpenCalls=16", "--Limits:ClientCallsPerSecond=500",
            $"--Limits:ClientRowsPerSecond={extent.Of(300, 1000)}", "--Limits:MunicipalityRowsPerSecond=1001",
        ]);
        var broken = new ConcurrentQueue<string>();
        var (loud, steady) = (scenery.Reporters[0], scenery.Reporters[1]);
        steady.Start(Pace);
        await platform.AllServeAsync();
        // Each has called before it is measured.
        await CallAsync(platform, TimeSpan.Zero, broken);

        var (quietFrom, length) = (Stopwatch.GetTimestamp(), TimeSpan.FromSeconds(extent.Of(3, 30)));
        var quiet = await CallAsync(platform, length, broken);
        var noisyFrom = Stopwatch.GetTimestamp();
        loud.Start(double.PositiveInfinity);
        var before = loud.AcceptedCount;
        await using var noise = new Noise(platform, extent.Of(300, 10_000));
        noise.Start();
        await Platform.Until(() => Task.FromResult(noise.Feeds > 0 && noise.Refused > 0 && noise.Answered > 0), Longest, () => $"the noise is there: {noise}");
        var noisy = await CallAsync(platform, length * 2, broken);
        var noisyUntil = Stopwatch.GetTimestamp();
        var told = $"{noise}, {loud.AcceptedCount - before} placements";
        await noise.StopAsync();

        foreach (var each in noise.Broken) broken.Enqueue(each);
        await scenery.RestAsync();
        await RestartAsync(platform, []);
        var (before99, with99) = (Reports(steady, quietFrom, noisyFrom), Reports(steady, noisyFrom, noisyUntil));
        if (extent.Nightly && noisy.At(0.99) > Bar * quiet.At(0.99)) broken.Enqueue($"calls of others: p99 {noisy.At(0.99):0.0} ms beside the noise, {quiet.At(0.99):0.0} without");
        if (extent.Nightly && with99.At(0.99) > Bar * before99.At(0.99)) broken.Enqueue($"reports of others: p99 {with99.At(0.99):0.0} ms beside the noise, {before99.At(0.99):0.0} without");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{told}; calls of others {quiet}, then {noisy}; their reports {before99}, then {with99}"),
            [.. broken.Distinct()]);
    }

    private static async Task RestartAsync(Platform platform, string[] limits)
    {
        foreach (var service in Limited)
        {
            var code = await platform.Services[service].StopAsync(Longest);
            if (code != 0) throw new InvalidOperationException($"{service} ended with {code}: {platform.Services[service].Output}");
            await platform.RestartAsync(service, limits);
        }
    }

    /// <summary>Another client of the noisy municipality and another municipality look at their cases, one call after the other.</summary>
    private static async Task<Figures> CallAsync(Platform platform, TimeSpan length, ConcurrentQueue<string> broken)
    {
        var took = new ConcurrentQueue<double>();
        await Task.WhenAll(Platform.Municipalities.Select(async municipality =>
        {
            var (channel, calls) = platform.Connect("municipalities", municipality);
            using var _ = channel;
            var cases = new CaseService.CaseServiceClient(calls);
            var watch = Stopwatch.StartNew();
            do
            {
                var started = Stopwatch.GetTimestamp();
                try
                {
                    await cases.ListCasesAsync(new ListCasesRequest { Municipality = municipality, PageSize = 20 }, deadline: DateTime.UtcNow + Longest);
                    took.Enqueue(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
                catch (RpcException error)
                {
                    broken.Enqueue($"a call of {municipality} ended with {error.StatusCode} ({RefusalStatus.ReasonOf(error)}: {error.Status.Detail})");
                }

                await Task.Delay(BetweenCalls);
            }
            while (watch.Elapsed < length);
        }));
        var figures = new Figures("ms");
        foreach (var one in took) figures.Add(one);
        return figures;
    }

    private static Figures Reports(Reporter reporter, long from, long until)
    {
        var figures = new Figures("ms");
        foreach (var report in reporter.Acknowledgements.Where(report => report.At >= from && report.At < until)) figures.Add(report.Waited.TotalMilliseconds);
        return figures;
    }

    /// <summary>A client of the first municipality that takes what it can get.</summary>
    private sealed class Noise(Platform platform, int feeds) : IAsyncDisposable
    {
        private const int Callers = 12;

        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentQueue<string> _broken = new();
        private Task _running = Task.CompletedTask;
        private int _answered, _refused, _feeds;

        /// <summary>Calls that were answered.</summary>
        public int Answered => Volatile.Read(ref _answered);

        /// <summary>Calls and feeds that were refused.</summary>
        public int Refused => Volatile.Read(ref _refused);

        /// <summary>Feeds that it follows.</summary>
        public int Feeds => Volatile.Read(ref _feeds);

        /// <summary>What was wrong with its refusals.</summary>
        public IEnumerable<string> Broken => _broken;

        public void Start()
        {
            var municipality = Platform.Municipalities[0];
            var series = new GetSeriesRequest
            {
                FigureId = "at_work", Breakdown = Breakdown.Municipality, Municipality = municipality, Step = SeriesStep.Month,
                PeriodFrom = new DateOnly(2015, 1, 1).ToDate(), PeriodTo = new DateOnly(2026, 1, 1).ToDate(),
            };
            var list = new ListCasesRequest { Municipality = municipality, PageSize = 500 };
            _running = Task.WhenAll(
                AskAsync("municipalities", async (calls, cancel) => await new CaseService.CaseServiceClient(calls).ListCasesAsync(list, cancellationToken: cancel)),
                AskAsync("insight", async (calls, cancel) => await new FigureService.FigureServiceClient(calls).GetSeriesAsync(series, cancellationToken: cancel)),
                FollowAsync(new SubscribeRequest { Municipality = municipality }));
        }

        public async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await _running.WaitAsync(Longest);
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stopping.Dispose();
        }

        public override string ToString() => $"{Answered} calls and {Feeds} feeds of one client, {Refused} refused";

        private async Task AskAsync(string service, Func<CallInvoker, CancellationToken, Task> ask)
        {
            var (channel, calls) = platform.Connect(service, "noisy");
            using var _ = channel;
            await Task.WhenAll(Enumerable.Range(0, Callers * 2).Select(async _ =>
            {
                while (!_stopping.IsCancellationRequested)
                {
                    try
                    {
                        await ask(calls, _stopping.Token);
                        Interlocked.Increment(ref _answered);
                    }
                    catch (RpcException error)
                    {
                        if (!_stopping.IsCancellationRequested) await NoteAsync(error);
                    }
                }
            }));
        }

        private async Task FollowAsync(SubscribeRequest request)
        {
            // One channel, which opens more connections as it needs them.
            var (channel, calls) = platform.Connect("municipalities", "noisy");
            using var _ = channel;
            var feed = new EventService.EventServiceClient(calls);
            await Task.WhenAll(Enumerable.Range(0, feeds).Select(async _ =>
            {
                while (!_stopping.IsCancellationRequested) await FollowAsync(feed, request);
            }));
        }

        private async Task FollowAsync(EventService.EventServiceClient feed, SubscribeRequest request)
        {
            using var stream = feed.Subscribe(request, cancellationToken: _stopping.Token);
            var isOpen = false;
            try
            {
                while (await stream.ResponseStream.MoveNext(_stopping.Token))
                {
                    if (!isOpen) Interlocked.Increment(ref _feeds);
                    isOpen = true;
                }
            }
            catch (RpcException error)
            {
                if (!_stopping.IsCancellationRequested) await NoteAsync(error);
            }

            if (isOpen && !_stopping.IsCancellationRequested) Interlocked.Decrement(ref _feeds);
        }

        /// <summary>Every refusal says when to try again, in both ways.</summary>
        private async Task NoteAsync(RpcException error)
        {
            // A call of its own that took too long for it is no refusal.
            if (error.StatusCode == StatusCode.DeadlineExceeded) return;
            Interlocked.Increment(ref _refused);
            var wait = error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan();
            var pushback = error.Trailers.GetValue("grpc-retry-pushback-ms");
            if (RefusalStatus.ReasonOf(error) != ErrorReason.RateLimited || wait is null || pushback is null)
            {
                _broken.Enqueue($"the noisy client got {error.StatusCode} ({RefusalStatus.ReasonOf(error)}: {error.Status.Detail}), RetryInfo {wait}, pushback {pushback}");
            }

            await Task.Delay(BetweenTries, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
