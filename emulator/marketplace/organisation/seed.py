"""The enterprises of a new file. All names are made up."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from emulator.marketplace.ids import Ids
from emulator.marketplace.organisation.documents import Employee, Enterprise, EnterpriseDepartment, keyed
from emulator.marketplace.organisation.enterprises import new_enterprise
from emulator.marketplace.subscriptions.buyers import Customer


class Seed(NamedTuple):
    """An enterprise: ``tree`` has a line ``code name`` for each department, two spaces in for each one above it;
    ``people`` are ``account name``, the administrator first.
    """

    tree: str
    people: str
    shares_contacts: bool = True


SEEDS: Mapping[str, Seed] = {
    "acme": Seed(
        """
A01 总部
  A02 研发中心
    A03 平台部
      A04 存储组
      A05 网络组
    A06 应用部
  A07 市场部
    A08 华东区
  A09 财务部
""",
        "zhang 张三 Zhang San|li 李四 Li Si|wang 王小明|zhao 赵丽华|chen 陈思远"
        "|liu 刘佳怡|yang 杨帆|huang 黄志强|zhou 周雨桐|wu 吴晓东|xu 徐静|sun 孙浩然"
        "|ma 马文博|zhu 朱婷婷|hu 胡建军|guo 郭雪|he 何俊杰|lin 林可欣|luo 罗成林"
        "|gao 高远",
    ),
    "northwind": Seed(
        """
N-01 Northwind 贸易
  N-02 Operations
    N-03 Logistics
      N-04 Warehouse North
      N-05 Warehouse South
    N-06 Purchasing
  N-07 Sales & Service
    N-08 Key Accounts
""",
        "anna Anna Berg|bjorn Björn Larsson|chloe Chloé Martin|david David Okafor|elena Elena Popova"
        "|farid Farid Haddad|grace Grace O'Neil|hugo Hugo Silva|ines Ines Costa|jonas Jonas Keller"
        "|katja Katja Novák|liam Liam Walsh|mei Mei Tanaka|nils Nils Holm|olga Olga Petrova"
        "|pablo Pablo Ruiz|qiu Qiu Lan|rosa Rosa Marín|sven Sven Ek|tara Tara Singh",
    ),
    "contoso": Seed(
        """
0001 Contoso 科技
  0101 技术部
    0111 后端组
      0112 支付 “钱包” 小队
    0121 前端组 UI/UX
  0201 人力资源部
    0211 招聘组
  0301 客户成功部 🚀
""",
        "qian 钱多多|feng 冯晓晓|shen 沈一鸣|han 韩玲玲|tang 唐小虎|yu 于和平"
        "|dong 董云飞|xiao 萧远航|cheng 程灵灵|cao 曹雪松|yuan 袁立新|deng 邓紫晴"
        "|xu 许仙草|fu 傅鸣|zeng 曾静文|peng 彭海涛|lv 吕一衣|su 苏小轼|lu 卢照清"
        "|jiang 蒋勤勤",
        shares_contacts=False,
    ),
}
"""By the customer's name, which is the enterprise's code too."""

_POSITIONS = ("总监", "Engineer", "主管", "Analyst", "专员")
_PLACES = ("杭州", "Shenzhen", "西安")


def seeded(customers: Iterable[Customer], ids: Ids) -> Iterator[Enterprise | EnterpriseDepartment | Employee]:
    """The enterprises of those customers that have one from the start, with their departments and members."""
    for customer in customers:
        if seed := SEEDS.get(customer.name):
            enterprise = new_enterprise(
                ids, customer.id, customer.name, customer.enterprise, shares_contacts=seed.shares_contacts
            )
            departments = list(_departments(enterprise.id, seed.tree))
            yield enterprise
            yield from departments
            yield from _employees(enterprise, seed.people.split("|"), departments)


def _departments(tenant_id: str, tree: str) -> Iterator[EnterpriseDepartment]:
    above: list[str] = []
    for line in tree.strip("\n").splitlines():
        depth, (code, name) = (len(line) - len(line.lstrip())) // 2, line.strip().split(" ", 1)
        above[depth:] = [code]
        parent = above[depth - 1] if depth else ""
        yield EnterpriseDepartment(id=keyed(tenant_id, code), tenant_id=tenant_id, code=code, name=name, parent=parent)


def _employees(
    enterprise: Enterprise, people: Iterable[str], departments: list[EnterpriseDepartment]
) -> Iterator[Employee]:
    for index, person in enumerate(people):
        account, name = person.split(" ", 1)
        yield Employee(
            id=keyed(enterprise.id, f"{account}@{enterprise.code}"),
            tenant_id=enterprise.id,
            user_name=f"{account}@{enterprise.code}",
            name=name,
            department=departments[index % len(departments)].code,
            password=f"{account}-password",
            role="admin" if index == 0 else "user",
            position=_POSITIONS[index % len(_POSITIONS)],
            employee_code=f"E{1000 + index}",
            employee_type=index % 4 + 1,
            mobile=f"1390000{index:04}",
            email=f"{account}@{enterprise.code}.example",
            work_place=_PLACES[index % len(_PLACES)],
            entry_date=f"2022-{index % 12 + 1}-{index + 1}",
        )
