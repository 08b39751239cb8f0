using System.CommandLine;
using System.Reflection;
using BeschutWerk.Cli.Doctor;
using Spectre.Console;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw doctor</c>: looks at everything that can be seen from here, and says of what is wrong why, and what to do.</summary>
internal static class DoctorCommand
{
    private static readonly string[] Seen = ["service", "address", "health", "broker", "clock", "version"];
    private static readonly string[] Found = ["finding", "where", "cause", "remedy"];

    public static Command Create(Settings settings)
    {
        var store = Inputs.Store();
        store.Arity = ArgumentArity.ZeroOrOne;
        store.Description += " Its stores are looked through too.";
        var command = new Command("doctor", "Looks at the token server and every service, and names cause and remedy of what is wrong. Exit code 0: nothing; 1: something; 2: could not look.") { store };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var noToken = await Examination.OfTokensAsync(connection, cancel);
            var services = await Examination.OfServicesAsync(connection, mayAsk: noToken is null, cancel);
            var findings = Diagnosis.Of(services).ToList();
            if (noToken is not null) findings.Insert(0, new Finding("NO_TOKEN", $"{connection.Authority}", noToken.Message, "Start the token server, or say where it is and as which client to ask: --authority, --data, --client-file."));
            if (noToken is null && parsed.GetValue(store) is { } one) findings.AddRange(await LookThroughAsync(connection, one, cancel));

            var report = new Report(Version, [.. services.Select(Look.At)], findings);
            output.Show(report, all => new Rows(
                output.Table(Seen, all.Services.Select(Row)),
                findings.Count > 0 ? output.Table(Found, findings.Select(finding => new[] { finding.Code, finding.Where, finding.Cause, finding.Remedy })) : new Text("Nothing was found.")));
            return noToken is not null || services.All(service => service.Health is null) ? ExitCode.OutOfReach : findings.Count > 0 ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static string Version => typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static async Task<IEnumerable<Finding>> LookThroughAsync(Connection connection, string store, CancellationToken cancel)
    {
        var looked = await Examination.OfStoresAsync(connection, store, cancel);
        return looked.Answers.SelectMany(findings => findings)
            .Concat(looked.Failures.Where(failure => failure.ExitCode != ExitCode.OutOfReach).Select(failure => new Finding("STORE_UNREADABLE", store, failure.Message, "See what else is found of this store and its service.")));
    }

    private static string[] Row(Look seen) => [seen.Service, $"{seen.Address}", seen.Health ?? "no answer", seen.Broker ?? "", seen.Clock ?? "", seen.Version ?? ""];

    private sealed record Report(string Version, IReadOnlyList<Look> Services, IReadOnlyList<Finding> Findings);

    /// <summary>One service as the report tells it.</summary>
    private sealed record Look(string Service, Uri Address, string? Health, string? Broker, string? Clock, string? Version)
    {
        public static Look At(Observation seen) => new(
            seen.Service, seen.Address, seen.Health, seen.Broker ?? (seen.Status is { Broker.Used: false } ? "in process" : null),
            seen.Skew is { } skew ? skew.Duration() < TimeSpan.FromSeconds(1) ? "right" : $"{skew.TotalSeconds:+0;-0} s" : null, seen.Status?.Version);
    }
}
