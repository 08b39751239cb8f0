using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.Placements;
using Google.Protobuf;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class PlacementsReportedSize
{
    /// <summary>What an event may be as JSON, with its attributes beside it (NL GOV profile: 64 KB).</summary>
    private const int MostJson = 60 * 1024;

    // The write does not measure it, because that would cost more than storing the placements.
    [Fact]
    public void The_largest_event_stays_below_what_intermediaries_forward()
    {
        static string LongestName<T>() where T : struct, Enum => Enum.GetNames<T>().MaxBy(name => name.Length)!;
        var day = new DateOnly(2018, 12, 31).ToDate();
        var reported = new PlacementsReported { CompanyId = new string('x', 60) };
        for (var i = 0; i < ReportPlacements.MostPerEvent; i++)
        {
            reported.Placements.Add(new ReportedPlacement
            {
                PlacementId = Guid.NewGuid().ToString(), CaseId = Guid.NewGuid().ToString(), OfferId = Guid.NewGuid().ToString(),
                StartOn = day, LastDay = day, MinutesPerWeek = PlacementRules.MostMinutesPerWeek,
                Form = Enum.Parse<PlacementForm>(LongestName<PlacementForm>()), Sector = Enum.Parse<EmployerSector>(LongestName<EmployerSector>()),
            });
        }

        Assert.InRange(JsonFormatter.Default.Format(reported).Length, 1, MostJson);
    }
}
