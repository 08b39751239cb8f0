using BeschutWerk.Host.Demo.History;
using Spectre.Console;

namespace BeschutWerk.Host.Demo.Report;

/// <summary>Shows where the replay is: a bar on a terminal, a line per quarter where the output goes to a file.</summary>
internal static class ReplayProgress
{
    /// <summary>Runs the replay of all quarters.</summary>
    /// <param name="console">Where to show it.</param>
    /// <param name="quarters">In order.</param>
    /// <param name="steps">All acts of the history.</param>
    /// <param name="people">All people of the history.</param>
    /// <param name="play">Plays one quarter; tells of every act whether it was the first of its person.</param>
    public static Task ShowAsync(IAnsiConsole console, IReadOnlyList<Quarter> quarters, int steps, int people, Func<Quarter, Action<bool>, Task> play) =>
        console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected
            ? ShowBarAsync(console, quarters, steps, people, play)
            : ShowLinesAsync(console, quarters, people, play);

    private static Task ShowBarAsync(IAnsiConsole console, IReadOnlyList<Quarter> quarters, int steps, int people, Func<Quarter, Action<bool>, Task> play) =>
        console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async context =>
        {
            var told = 0;
            var bar = context.AddTask(Name(quarters[0]), maxValue: steps);
            foreach (var quarter in quarters)
            {
                Describe();
                await play(quarter, isNew =>
                {
                    bar.Increment(1);
                    if (!isNew) return;
                    Interlocked.Increment(ref told);
                    Describe();
                });

                void Describe() => bar.Description = $"{Name(quarter)}  {told:N0} of {people:N0} people";
            }
        });

    private static async Task ShowLinesAsync(IAnsiConsole console, IReadOnlyList<Quarter> quarters, int people, Func<Quarter, Action<bool>, Task> play)
    {
        var (acts, told) = (0, 0);
        foreach (var quarter in quarters)
        {
            await play(quarter, isNew =>
            {
                Interlocked.Increment(ref acts);
                if (isNew) Interlocked.Increment(ref told);
            });
            console.WriteLine($"{Name(quarter)}: {acts:N0} acts, {told:N0} of {people:N0} people");
        }
    }

    private static string Name(Quarter quarter) => $"{quarter.First.Year} Q{(quarter.First.Month + 2) / 3}";
}
