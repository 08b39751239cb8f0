using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.Advising;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Rules.Tests.Uwv;

public sealed class WageValueTests
{
    [Theory]
    [InlineData("De loonwaarde is 40%.")]
    [InlineData("LOONWAARDE onbekend")]
    [InlineData("loon waarde")]
    [InlineData("loon-waardemeting volgt")]
    [InlineData("loon\u00adwaarde")] // soft hyphen
    [InlineData("loon\u200bwaarde")] // zero-width space
    [InlineData("ｌｏｏｎｗａａｒｄｅ")] // full width
    [InlineData("lóónwaarde")]
    [InlineData("Wage value below 30 percent")]
    [InlineData("wage_value=35")]
    [InlineData("the value of the wage")]
    [InlineData("productiviteit te laag")]
    [InlineData("Arbeidsproductiviteit: matig")]
    [InlineData("low productivity")]
    [InlineData("is niet productief")]
    [InlineData("is less productive than others")]
    [InlineData("komt in aanmerking voor loonkostensubsidie")]
    [InlineData("loonkosten-subsidie")]
    [InlineData("loonsubsidie")]
    [InlineData("LKS mogelijk")]
    [InlineData("loondispensatie aanvragen")]
    [InlineData("wage cost subsidy")]
    [InlineData("wage subsidies")]
    [InlineData("verdient nooit het minimumloon")]
    [InlineData("haalt geen WML")]
    [InlineData("below minimum wage")]
    [InlineData("verdiencapaciteit nihil")]
    [InlineData("de prestatie is ongeveer 40 %")]
    [InlineData("presteert op 35 procent")]
    [InlineData("levert 40% van de normale prestatie")]
    [InlineData("32,5% van het loon")]
    [InlineData("performance about 30 percent")]
    public void Whatever_smells_of_wage_value_is_found(string text) => Assert.True(WageValue.IsMentionedIn(text));

    [Theory]
    [InlineData("")]
    [InlineData("Voert eenvoudige taken uit als een begeleider ernaast staat.")]
    [InlineData("Werkt 50% van de week, vier uur per dag.")]
    [InlineData("Heeft prestatieangst op 3 van de 5 dagen, in 60% van de gevallen.")]
    [InlineData("Door prestatiedruk raakt hij in 50 procent van de tijd overprikkeld.")]
    [InlineData("Werkte eerder op een productieafdeling en deed productiewerk.")]
    [InlineData("Vindt beloning in structuur; hecht waarde aan vaste collega's.")]
    [InlineData("Zijn werk loont, en hij is een waardevolle collega.")]
    [InlineData("Kreeg loon in natura bij de dagbesteding.")]
    [InlineData("Productive cough, seen by the physician.")]
    [InlineData("Can perform a task for 50% of the day with a supervisor present.")]
    [InlineData("Talks to colleagues; walks to work.")]
    [InlineData("He wages a daily battle with fatigue.")]
    [InlineData("Reproductive health plays no part.")]
    [InlineData("Is afhankelijk van permanent toezicht; een werkgever kan dat redelijkerwijs niet bieden.")]
    public void Ordinary_motivations_pass(string text) => Assert.False(WageValue.IsMentionedIn(text));

    [Fact]
    public void All_texts_that_mention_it_are_named_by_path()
    {
        var assessment = Assessments.With(0b111111);
        assessment.WorkCapacity.CanWorkOneHour.Motivation = "loonwaarde";
        assessment.Guidance.Motivation = "productivity";

        Assert.Equal(
            ["assessment.work_capacity.can_work_one_hour.motivation", "assessment.guidance.motivation"],
            WageValue.FieldsThatMention(assessment, "assessment", _ => true));
    }

    [Fact]
    public void Every_text_of_an_assessment_is_looked_at()
    {
        for (var i = 0; i < Findings(Assessments.With(0)).Count; i++)
        {
            var assessment = Assessments.With(0);
            var (finding, path) = Findings(assessment)[i];
            finding.Motivation = "loonwaarde";

            Assert.Equal([path], WageValue.FieldsThatMention(assessment, "assessment", _ => true));
        }
    }

    [Fact]
    public void No_field_of_UWV_can_hold_a_wage_value()
    {
        FileDescriptor[] files = [AdviceReflection.Descriptor, AdviceServiceReflection.Descriptor, EventsReflection.Descriptor];
        var names = files.SelectMany(file => file.MessageTypes).SelectMany(Names)
            .Concat(files.SelectMany(file => file.EnumTypes).SelectMany(type => type.Values).Select(value => value.Name))
            .ToList();

        Assert.True(names.Count > 100, "the contract was not read");
        Assert.DoesNotContain(names, name =>
            new[] { "wage", "loon", "productiv", "salary", "earning" }.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<string> Names(MessageDescriptor message) =>
        message.Fields.InDeclarationOrder().Select(field => field.Name).Append(message.Name).Concat(message.NestedTypes.SelectMany(Names));

    private static List<(Finding Finding, string Path)> Findings(Assessment assessment) =>
    [
        (assessment.WorkCapacity.CanPerformTask, "assessment.work_capacity.can_perform_task.motivation"),
        (assessment.WorkCapacity.HasBasicSkills, "assessment.work_capacity.has_basic_skills.motivation"),
        (assessment.WorkCapacity.CanWorkOneHour, "assessment.work_capacity.can_work_one_hour.motivation"),
        (assessment.WorkCapacity.LoadableFourHours, "assessment.work_capacity.loadable_four_hours.motivation"),
        (assessment.Adaptation, "assessment.adaptation.motivation"),
        (assessment.Guidance, "assessment.guidance.motivation"),
    ];
}
