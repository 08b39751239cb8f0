using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Rules.Tests.Demo;

/// <summary>The project's own reference data is complete, adds up, and says of every line where it comes from.</summary>
public sealed class ReferenceTests
{
    private static readonly DateOnly DayOfTheLetter = new(2018, 6, 15);
    private static readonly ReferenceData Reference = ReferenceData.Load(ReferenceData.DefaultFolder);

    [Theory]
    [InlineData(2015, 393)]
    [InlineData(2016, 390)]
    [InlineData(2017, 388)]
    [InlineData(2018, 380)]
    [InlineData(2019, 355)]
    [InlineData(2021, 352)]
    [InlineData(2022, 345)]
    [InlineData(2023, 342)]
    public void Municipalities_that_existed_on_1_January(int year, int count) =>
        Assert.Equal(count, Reference.MunicipalityPeriods.Count(m => m.ExistedOn(new(year, 1, 1))));

    [Fact]
    public void The_municipalities_of_the_letter_are_those_that_existed_that_day()
    {
        Assert.Equal(380, Reference.Municipalities.Count);
        Assert.Equal(
            Reference.MunicipalityPeriods.Where(m => m.ExistedOn(DayOfTheLetter)).Select(m => m.Code).Order(),
            Reference.Municipalities.Select(m => m.Code).Order());
        Assert.Equal(Enumerable.Range(1, 35), Reference.Municipalities.Select(m => m.LabourMarketRegion).Distinct().Order());
        Assert.Equal(35, Reference.Municipalities.Select(m => m.LabourMarketRegionName).Distinct().Count());
    }

    [Fact]
    public void Every_municipality_that_ended_since_July_2015_has_successors_that_exist_and_none_else_has()
    {
        Assert.Equal(79, Reference.Successions.Count);
        var planned = Assert.Single(Reference.Successions, s => s.Kind == "PLANNED");
        Assert.Equal(("GM1696", "GM0402", new DateOnly(2027, 1, 1)), (planned.Code, planned.Successor, planned.Date));
        Assert.Equal(
            Reference.MunicipalityPeriods.Where(m => m.ValidTo > new DateOnly(2015, 6, 30)).Select(m => (m.Code, m.ValidTo)).Order(),
            Reference.Successions.Except([planned]).Select(s => (s.Code, (DateOnly?)s.Date)).Distinct().Order());
        Assert.All(Reference.Successions, s =>
        {
            Assert.Contains(Reference.MunicipalityPeriods, m => m.Code == s.Code && m.Name == s.Name);
            Assert.Contains(Reference.MunicipalityPeriods, m => m.Code == s.Successor && m.Name == s.SuccessorName && m.ExistedOn(s.Date));
        });
    }

    [Fact]
    public void A_municipality_with_several_successors_was_split_and_no_other()
    {
        var several = Reference.Successions.GroupBy(s => s.Code).Where(parts => parts.Count() > 1).ToList();
        Assert.Equal(
            ["Haaren 2021 4", "Littenseradiel 2018 3", "Winsum 2019 2"],
            several.Select(parts => $"{parts.First().Name} {parts.Select(s => s.Date.Year).Distinct().Single()} {parts.Count()}").Order());
        Assert.Equal(several.SelectMany(parts => parts), Reference.Successions.Where(s => s.Kind == "SPLIT"));
    }

    [Theory]
    [InlineData(2017)]
    [InlineData(2018)]
    public void The_shares_of_a_split_municipality_add_up_to_its_row_and_the_numbers_of_the_letter_to_the_total(int year)
    {
        Assert.All(Reference.Shares, share => Assert.NotEmpty(share.Reason));
        var shares = Reference.Shares.Where(share => share.Year == year).ToList();
        Assert.Equal(
            Reference.Successions.Where(s => s.Kind == "SPLIT").Select(s => (s.Code, s.Successor)).Order(),
            shares.Select(share => (share.Code, share.Successor)).Order());
        Assert.All(
            shares.GroupBy(share => share.Code),
            parts => Assert.Equal(Reference.Quotas[year].Single(row => row.Code == parts.Key).Number, parts.Sum(share => share.Number)));

        var numbers = Reference.NumbersIn(year);
        Assert.Equal(Reference.Municipalities.Select(m => m.Code).Order(), numbers.Keys.Order());
        Assert.Equal(Reference.Regulations.Single(regulation => regulation.Year == year).StatedTotal, numbers.Values.Sum());
    }

    [Theory]
    [InlineData(2017, 2_600, 48)]
    [InlineData(2018, 4_600, 43)]
    public void A_regulation_has_a_row_for_each_of_the_388_municipalities_that_existed_and_adds_up(int year, int total, int real)
    {
        var regulation = Assert.Single(Reference.Regulations, r => r.Year == year);
        var rows = Reference.Quotas[year];

        Assert.Equal(total, regulation.StatedTotal);
        Assert.Equal(total, rows.Sum(r => r.Number));
        Assert.Equal(
            Reference.MunicipalityPeriods.Where(m => m.ExistedOn(regulation.PublishedOn)).Select(m => m.Code).Order(),
            rows.Select(r => r.Code));
        Assert.All(rows, r => Assert.InRange(r.Number, 0, total));
        Assert.Equal(real, rows.Count(r => r.Origin == "REGULATION"));
        Assert.Equal(388 - real, rows.Count(r => r.Origin == "SYNTHETIC"));
    }

    [Fact]
    public void No_number_falls_from_2017_to_2018()
    {
        var before = Reference.Quotas[2017].ToDictionary(r => r.Code, r => r.Number);
        Assert.All(Reference.Quotas[2018], r => Assert.True(r.Number >= before[r.Code]));
    }

    [Fact]
    public void Ninety_three_companies_serve_every_municipality_within_their_region()
    {
        Assert.Equal(93, Reference.Companies.Count);
        Assert.Equal(93, Reference.Companies.Select(c => c.Id).Distinct().Count());
        Assert.All(Reference.Companies, c => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", c.Id));

        var regions = Reference.Municipalities.ToDictionary(m => m.Code, m => m.LabourMarketRegion);
        Assert.All(Reference.Companies, c => Assert.All(c.Serves, code => Assert.Equal(c.LabourMarketRegion, regions[code])));
        Assert.Equal(regions.Keys.Order(), Reference.Companies.SelectMany(c => c.Serves).Distinct().Order());
    }

    [Fact]
    public void Published_figures_say_what_they_measure_where_and_how_they_are_rounded()
    {
        Assert.Equal(17, Reference.Figures.Count(f => f.Origin == "LETTER"));
        Assert.Equal([735m, 1_465m, 63m], Reference.Figures.Where(f => f.Origin == "PRESS").Select(f => f.Value));
        Assert.All(Reference.Figures, f =>
        {
            Assert.True(f.Peildatum is not null || f is { PeriodFrom: not null, PeriodTo: not null });
            Assert.True(f.RoundingStep > 0 && f.Value % f.RoundingStep == 0);
            Assert.Contains(f.Unit, new[] { "PERSONS", "ADVICES", "REQUESTS", "PERCENT", "MONTHS" });
            Assert.Contains(f.Requester, new[] { "", "CITIZEN", "MUNICIPALITY" });
            Assert.Contains(f.Scenario, new[] { "", "REPEAT_QUARTER" });
            Assert.True(f.Municipality.Length == 0 || Reference.Municipalities.Any(m => m.Code == f.Municipality));
            Assert.NotEmpty(f.Source);
        });
        Assert.Equal(Reference.Figures.Count, Reference.Figures
            .Select(f => (f.FigureId, f.PeriodFrom, f.PeriodTo, f.Peildatum, f.Municipality, f.Requester, f.Scenario)).Distinct().Count());
    }

    [Fact]
    public void Every_line_of_every_file_says_its_origin_and_every_file_is_described()
    {
        var description = File.ReadAllText(Path.Combine(ReferenceData.DefaultFolder, "README.md"));
        var files = Directory.GetFiles(ReferenceData.DefaultFolder, "*.csv");

        Assert.Equal(11, files.Length);
        Assert.All(files, file =>
        {
            Assert.Contains($"`{Path.GetFileName(file)}`", description);
            using var csv = ReferenceData.Open(file);
            Assert.True(csv.Read() && csv.ReadHeader());
            while (csv.Read()) Assert.Matches("^[A-Z_]+$", csv.GetField("origin")!);
        });
    }
}
