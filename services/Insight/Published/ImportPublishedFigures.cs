using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Insight.Published;

/// <summary>Stores what others published, to compare with.</summary>
internal static class ImportPublishedFigures
{
    /// <param name="today">The day in Europe/Amsterdam.</param>
    public static void CheckFields(ImportPublishedFiguresRequest request, DateOnly today, FieldChecks checks)
    {
        var seen = new HashSet<object>();
        for (var i = 0; i < request.Figures.Count; i++)
        {
            var row = PublishedFigureRow.Of(request.Figures[i], today);
            PublishedFigureRules.Check(row, today, $"figures[{i}].", checks);
            PersonalData.Check(checks, ($"figures[{i}].source", request.Figures[i].Source));
            checks.Require(seen.Add(row.Key), $"figures[{i}]", "Stands in this import before.");
        }
    }

    public static ImportPublishedFiguresResponse Run(ImportPublishedFiguresRequest request, WriteSession<InsightStore> session)
    {
        var importedOn = request.ImportedOn.ToDateOnly();
        var rows = request.Figures.Select(figure => PublishedFigureRow.Of(figure, importedOn)).ToList();
        var earlier = session.Store.PublishedFigures.ToDictionary(row => row.Key);
        var response = new ImportPublishedFiguresResponse();
        foreach (var row in rows)
        {
            if (earlier.TryGetValue(row.Key, out var found))
            {
                (found.Value, found.RoundingStep, found.Unit, found.Origin, found.ImportedOn) = (row.Value, row.RoundingStep, row.Unit, row.Origin, row.ImportedOn);
                response.Replaced++;
            }
            else
            {
                session.Store.PublishedFigures.Add(row);
                response.Added++;
            }
        }

        return response;
    }
}
