using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Host.Demo;

/// <summary>Waits until every service has applied what the others told, as an operator sees it.</summary>
internal static class CaughtUp
{
    // Far more than it takes; only so that a service that is held back is told, not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(50);

    public static async Task WaitAsync(Parties parties, CancellationToken cancel)
    {
        var operations = new OperationsService.OperationsServiceClient(parties.Operator);
        var limit = TimeProvider.System.GetTimestamp();
        var before = await AskAsync(operations, cancel);
        while (true)
        {
            var now = await AskAsync(operations, cancel);
            if (Missing(before, now).FirstOrDefault() is not { } missing) return;
            if (TimeProvider.System.GetElapsedTime(limit) > Patience) throw new TimeoutException($"Not within {Patience.TotalMinutes} minutes: {missing}.");
            before = now;
            await Task.Delay(AskAgainAfter, cancel);
        }
    }

    private static Task<GetStatusResponse[]> AskAsync(OperationsService.OperationsServiceClient operations, CancellationToken cancel) => Task.WhenAll(
        PlatformServices.Names.Select(service => operations.GetStatusAsync(new GetStatusRequest { Service = service }, cancellationToken: cancel).ResponseAsync));

    /// <summary>
    /// Whoever had applied, when all were asked, as much as the others have raised when all are asked again, had applied all
    /// there was in between: what is applied may raise more, but nothing did.
    /// </summary>
    private static IEnumerable<string> Missing(GetStatusResponse[] before, GetStatusResponse[] now)
    {
        var raised = now.SelectMany(status => status.Raised).ToDictionary(count => (count.Service, count.Platform), count => count.Events);
        return from status in before
            from applied in status.Applied
            let all = raised.GetValueOrDefault((applied.Service, applied.Platform))
            where applied.Events != all
            select $"{status.Service} has applied {applied.Events:N0} of {all:N0} events of {applied.Service}";
    }
}
