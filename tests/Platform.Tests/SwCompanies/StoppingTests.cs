using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class StoppingTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    [Fact]
    public async Task A_stopping_server_answers_what_it_stored_and_says_that_it_stops()
    {
        var candidate = await platform.AcceptedAsync();
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(60));
        var accepted = new List<string>();
        var enough = new TaskCompletionSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync())
            {
                accepted.AddRange(response.Answers.Where(answer => answer.Accepted).Select(answer => answer.PlacementId));
                enough.TrySetResult();
            }
        });
        var sending = Task.Run(async () =>
        {
            for (var day = 0; ; day++)
            {
                var item = new PlacementItem { PlacementId = NewId(), Report = Report(candidate, Start.AddDays(day % 1000), Start.AddDays(day % 1000), 1) };
                await call.RequestStream.WriteAsync(new ReportPlacementsRequest { Municipality = Amsterdam, Items = { item } });
            }
        });

        await enough.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await platform.RestartAsync().WaitAsync(TimeSpan.FromSeconds(30));

        var error = await Assert.ThrowsAsync<RpcException>(() => reading);
        Assert.True((error.StatusCode, RefusalStatus.ReasonOf(error)) == (StatusCode.Unavailable, ErrorReason.ServerShuttingDown), $"{error.Status}{string.Concat(platform.Logged.Where(line => line.Contains("streams did not end")))}");
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        foreach (var id in accepted) await platform.GetAsync(id);
    }

    [Fact]
    public async Task Clients_that_come_again_at_once_do_not_keep_a_server_from_its_end()
    {
        using var enough = new CancellationTokenSource();
        var begun = 0;
        // Many, as each rests a little before it comes again.
        var coming = Enumerable.Range(0, 30).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    using var call = platform.AsCompany().ReportPlacements(cancellationToken: enough.Token);
                    Interlocked.Increment(ref begun);
                    await call.ResponseStream.MoveNext(enough.Token);
                }
                catch (Exception error) when (error is RpcException or ObjectDisposedException)
                {
                    // Told that the server stops, or on the channel to the one that has ended: comes again.
                }
            }
        })).ToList();
        await PlatformFixture.Eventually(() => Task.FromResult(Volatile.Read(ref begun) >= 30), "all have come");
        // Answered on the same connection: then the streams are there too.
        await platform.OpenedAsync();

        var (stopping, took) = (0L, TimeSpan.Zero);
        using var begin = platform.App.Lifetime.ApplicationStopping.Register(() => stopping = Stopwatch.GetTimestamp());
        using var end = platform.App.Lifetime.ApplicationStopped.Register(() => took = Stopwatch.GetElapsedTime(stopping));
        await platform.RestartAsync();
        await enough.CancelAsync();
        await Task.WhenAll(coming);

        Assert.InRange(took, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(8));
    }
}
