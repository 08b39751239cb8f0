using System.Globalization;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks;

namespace BeschutWerk.Rules.Tests.Municipalities;

public sealed class RetryScheduleTests
{
    [Fact]
    public void The_delays_add_up_to_the_documented_times_and_then_the_webhook_is_paused()
    {
        var elapsed = TimeSpan.Zero;
        for (var failed = 0; failed < RetrySchedule.Elapsed.Count; failed++)
        {
            var next = RetrySchedule.After(DeliveryFailure.Timeout, failed);
            Assert.Equal((PauseReason.Unspecified, failed + 1), (next.Pause, next.FailedInARow));
            Assert.True(next.Delay > TimeSpan.Zero);
            Assert.Equal(RetrySchedule.Elapsed[failed], elapsed += next.Delay!.Value);
        }

        Assert.Equal(TimeSpan.FromDays(1), elapsed);
        Assert.Equal(new Consequence(null, PauseReason.Undeliverable, 13), RetrySchedule.After(DeliveryFailure.Status, RetrySchedule.Elapsed.Count));
    }

    [Fact]
    public void Gone_pauses_at_once() => Assert.Equal(new Consequence(null, PauseReason.Gone, 1), RetrySchedule.After(DeliveryFailure.Gone, 0));

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void An_event_that_we_cannot_write_yet_costs_nothing_of_the_schedule(int failed) =>
        Assert.Equal(new Consequence(TimeSpan.FromMinutes(15), PauseReason.Unspecified, failed), RetrySchedule.After(DeliveryFailure.UnknownVersion, failed));

    [Theory]
    [InlineData(200, DeliveryFailure.Unspecified)]
    [InlineData(202, DeliveryFailure.Unspecified)]
    [InlineData(299, DeliveryFailure.Unspecified)]
    [InlineData(301, DeliveryFailure.Redirected)]
    [InlineData(308, DeliveryFailure.Redirected)]
    [InlineData(400, DeliveryFailure.Status)]
    [InlineData(410, DeliveryFailure.Gone)]
    [InlineData(429, DeliveryFailure.Status)]
    [InlineData(503, DeliveryFailure.Status)]
    public void Only_2xx_accepts(int status, DeliveryFailure failure) => Assert.Equal(failure, Attempt.FailureOf(status));

    [Fact]
    public void The_README_tells_the_schedule_as_it_is()
    {
        var told = File.ReadAllLines(Path.Combine(Root(), "services", "Municipalities", "README.md"))
            .SkipWhile(line => !line.StartsWith("| attempt |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Select(cells => (Attempt: int.Parse(cells[1], CultureInfo.InvariantCulture), Elapsed: Time(cells[2])));
        Assert.Equal(RetrySchedule.Elapsed.Prepend(TimeSpan.Zero).Select((elapsed, index) => (index + 1, elapsed)), told);
    }

    private static TimeSpan Time(string text) => text.Split(' ') switch
    {
        ["at", "once"] => TimeSpan.Zero,
        [var number, "s"] => TimeSpan.FromSeconds(int.Parse(number, CultureInfo.InvariantCulture)),
        [var number, "min"] => TimeSpan.FromMinutes(int.Parse(number, CultureInfo.InvariantCulture)),
        [var number, "h"] => TimeSpan.FromHours(int.Parse(number, CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"{text} is no time."),
    };

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
